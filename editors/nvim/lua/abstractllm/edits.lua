--- Edits of one buffer by a server: one undo step, and who reads the buffer stays there.
local positions = require("abstractllm.positions")

local M = {}

local api = vim.api

-- Neovim tells each piece to every language server, and compares all lines each time.
local MOST_PIECES = 100

---@class abstractllm.Piece a part of a buffer's lines, and what takes its place
---@field first [integer, integer] row and byte, from zero
---@field last [integer, integer] exclusive
---@field text string[]

---@param text string
---@param format "unix"|"dos"|"mac" in which a carriage return is text, or a part of a line's end
---@return string[]
local function split(text, format)
  if format == "dos" then
    text = text:gsub("\r\n", "\n")
  elseif format == "mac" then
    text = text:gsub("\r\n?", "\n")
  end
  return vim.split(text, "\n", { plain = true })
end

local function is_before(one, other)
  return one[1] < other[1] or (one[1] == other[1] and one[2] < other[2])
end

---@param lines string[]
---@param edits lsp.TextEdit[]
---@param encoding string
---@param format string
---@return abstractllm.Piece[]? # in order; nothing where two overlap
local function pieces_of(lines, edits, encoding, format)
  local rows = positions.rows(lines, format)
  local function place(position)
    local row, start = rows(position.line)
    if row >= #lines then
      return { #lines - 1, #lines[#lines] }
    end
    return { row, start + positions.to_byte(lines[row + 1]:sub(start + 1), position.character, encoding) }
  end
  local pieces = {}
  for index, edit in ipairs(edits) do
    local first, last = place(edit.range.start), place(edit.range["end"])
    pieces[index] = { first = first, last = last, text = split(edit.newText, format), index = index }
  end
  table.sort(pieces, function(one, other)
    local same = not (is_before(one.first, other.first) or is_before(other.first, one.first))
    return same and one.index < other.index or is_before(one.first, other.first)
  end)
  for index = 2, #pieces do
    if is_before(pieces[index].first, pieces[index - 1].last) then
      return nil
    end
  end
  return pieces
end

---@return string[] # the text between two places
local function between(lines, first, last)
  local part = vim.list_slice(lines, first[1] + 1, last[1] + 1)
  part[#part] = part[#part]:sub(1, last[2])
  part[1] = part[1]:sub(first[2] + 1)
  return part
end

local function append(text, more)
  text[#text] = text[#text] .. more[1]
  vim.list_extend(text, more, 2)
end

---@return abstractllm.Piece # that does all at once
local function merged(lines, pieces)
  local text = { "" }
  for index, piece in ipairs(pieces) do
    if index > 1 then
      append(text, between(lines, pieces[index - 1].last, piece.first))
    end
    append(text, piece.text)
  end
  return { first = pieces[1].first, last = pieces[#pieces].last, text = text }
end

--- Return where a place is after the pieces were put in.
---@param pieces abstractllm.Piece[]
---@param place [integer, integer]
---@return [integer, integer]
local function moved(pieces, place)
  local old, new = { 0, 0 }, { 0, 0 }
  local function map(row, byte)
    return { row - old[1] + new[1], row == old[1] and byte - old[2] + new[2] or byte }
  end
  for _, piece in ipairs(pieces) do
    if is_before(place, piece.last) then
      break
    end
    local first, text = map(unpack(piece.first)), piece.text
    old = piece.last
    new = { first[1] + #text - 1, #text[#text] + (#text == 1 and first[2] or 0) }
  end
  return map(unpack(place))
end

--- Return what puts the windows of a buffer back to what they showed.
local function views(buffer, pieces)
  local found = vim.tbl_map(function(window)
    local view = api.nvim_win_call(window, vim.fn.winsaveview)
    local cursor = moved(pieces, { view.lnum - 1, view.col })
    local top = moved(pieces, { view.topline - 1, 0 })
    view.lnum, view.col, view.topline = cursor[1] + 1, cursor[2], top[1] + 1
    return { window = window, view = view }
  end, vim.fn.win_findbuf(buffer))
  return function()
    for _, saved in ipairs(found) do
      api.nvim_win_call(saved.window, function()
        vim.fn.winrestview(saved.view)
      end)
    end
  end
end

-- |undo-break|, for what is before and what comes after.
local function end_undo_step(buffer)
  api.nvim_buf_call(buffer, function()
    vim.cmd("let &g:undolevels = &g:undolevels")
  end)
end

-- Who inserts text in this very moment begins a step of his own.
local function begin_users_step(buffer)
  if buffer == api.nvim_get_current_buf() and api.nvim_get_mode().mode:find("^i") then
    api.nvim_feedkeys(vim.keycode("<C-g>u"), "ni", false)
  end
end

-- A text that ends with a newline has no empty line at its end, and 'endofline' set.
local function settle_end(buffer)
  local last = api.nvim_buf_get_lines(buffer, -2, -1, true)[1]
  if last ~= "" then
    vim.bo[buffer].endofline = false
    return
  elseif api.nvim_buf_line_count(buffer) > 1 then
    vim.bo[buffer].endofline = true
  end
  api.nvim_buf_set_lines(buffer, -2, -1, true, {}) -- of the only line, it leaves no text
end

local function put(buffer, pieces)
  for index = #pieces, 1, -1 do
    local piece = pieces[index]
    local first, last = piece.first, piece.last
    api.nvim_buf_set_text(buffer, first[1], first[2], last[1], last[2], piece.text)
  end
end

--- Apply the edits of one document.
---@param buffer integer
---@param edits lsp.TextEdit[]
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@param is_empty boolean whether its text is "", which a buffer does not tell from "\n"
---@return boolean # whether they were applied; those that overlap are not
function M.apply(buffer, edits, encoding, is_empty)
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, true)
  local ended = vim.bo[buffer].endofline and not is_empty
  if ended then
    table.insert(lines, "")
  end
  local pieces = pieces_of(lines, edits, encoding, vim.bo[buffer].fileformat)
  if not pieces then
    return false
  end
  local at_end = #pieces > 0 and pieces[#pieces].last[1] == #lines - 1
  local restore = views(buffer, pieces)
  end_undo_step(buffer)
  if ended and at_end then
    api.nvim_buf_set_lines(buffer, -1, -1, true, { "" })
  end
  put(buffer, #pieces > MOST_PIECES and { merged(lines, pieces) } or pieces)
  if at_end then
    settle_end(buffer)
  end
  end_undo_step(buffer)
  begin_users_step(buffer)
  restore()
  return true
end

return M
