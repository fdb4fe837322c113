--- Which documents are open, and where the user is in them.
local documents = require("abstractllm.documents")
local positions = require("abstractllm.positions")

local M = {}

local api = vim.api

---@return integer? # the window the user works in, or has left for the panel
function M.working_window()
  local windows = { api.nvim_get_current_win(), vim.fn.win_getid(vim.fn.winnr("#")) }
  vim.list_extend(windows, api.nvim_tabpage_list_wins(0))
  return vim.iter(windows):find(function(window)
    return window ~= 0 and documents.is_document(api.nvim_win_get_buf(window))
  end)
end

---@param window integer
---@param mark "."|"v" the cursor, or where a selection began
---@return {row: integer, line: string, first: integer, last: integer} # its character, in bytes from zero, the end exclusive
local function character(window, mark)
  local _, row, column = unpack(api.nvim_win_call(window, function()
    return vim.fn.getpos(mark)
  end))
  local line = api.nvim_buf_get_lines(api.nvim_win_get_buf(window), row - 1, row, false)[1] or ""
  local last = column <= #line and column + vim.str_utf_end(line, column) or #line
  return { row = row - 1, line = line, first = math.min(column - 1, #line), last = last }
end

--- Return what is selected, or else where the cursor is.
---@param window integer
---@param encoding string
---@return lsp.Range
local function selection(window, encoding)
  local function position(place, byte)
    return { line = place.row, character = positions.from_byte(place.line, byte, encoding) }
  end
  local mode, cursor = api.nvim_get_mode().mode, character(window, ".")
  if window ~= api.nvim_get_current_win() or not mode:find("^[vV\22]") then
    return { start = position(cursor, cursor.first), ["end"] = position(cursor, cursor.first) }
  end
  local first, last = character(window, "v"), cursor
  if first.row > last.row or (first.row == last.row and first.first > last.first) then
    first, last = last, first
  end
  if mode:find("^V") then
    return { start = { line = first.row, character = 0 }, ["end"] = { line = last.row + 1, character = 0 } }
  end
  return { start = position(first, first.first), ["end"] = position(last, last.last) }
end

--- Return the open documents as a query is answered.
---@param encoding string
---@return {uri: string, active: boolean, visible: boolean, selection?: lsp.Range}[]
function M.list(encoding)
  local window = M.working_window()
  local found = {}
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    if documents.is_document(buffer) and vim.bo[buffer].buflisted then
      local is_active = window ~= nil and api.nvim_win_get_buf(window) == buffer
      table.insert(found, {
        uri = documents.uri(buffer),
        active = is_active,
        visible = vim.fn.bufwinid(buffer) ~= -1,
        selection = is_active and selection(window, encoding) or nil,
      })
    end
  end
  return found
end

return M
