--- The small window in which a prompt is written.
local actions = require("abstractllm.actions")
local context = require("abstractllm.context")
local meter = require("abstractllm.meter")
local plain = require("abstractllm.plain")
local session = require("abstractllm.session")

local M = {}

local SMALLEST, LARGEST = 3, 12

local WINDOW_OPTIONS = {
  fillchars = "eob: ",
  foldcolumn = "0",
  linebreak = true,
  number = false,
  relativenumber = false,
  signcolumn = "no",
  statuscolumn = " ",
  statusline = " ",
  winfixbuf = true,
  winfixheight = true,
  wrap = true,
}

local namespace = vim.api.nvim_create_namespace("abstractllm.prompt")

---@type integer?
local buffer
---@type abstractllm.ContextItem[] to go along with the prompt
local items = {}
---@type {parent_id: any, before: string[]}? that the prompt takes the place of an earlier one
local edited

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

local function show_hint()
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  if text() == "" then
    vim.api.nvim_buf_set_extmark(buffer, namespace, 0, 0, {
      virt_text = { { "Ask …  <CR> sends, <C-s> while inserting", "AbstractLLMHint" } },
      virt_text_pos = "overlay",
    })
  end
end

local function fit()
  local window = vim.fn.bufwinid(buffer)
  if window ~= -1 then
    local lines = vim.api.nvim_win_text_height(window, {}).all
    vim.api.nvim_win_set_height(window, math.max(SMALLEST, math.min(LARGEST, lines + 1)))
  end
end

---@param chosen table
---@return string # who answers, and how
local function answerer(chosen)
  local parts = vim.tbl_filter(function(part)
    return chosen[part] ~= nil
  end, { "provider", "model", "mode" })
  return table.concat(vim.tbl_map(function(part)
    return chosen[part]
  end, parts), " · ")
end

--- Show what goes along with the prompt, and who answers.
function M.show_title()
  local window = vim.fn.bufwinid(M.buffer())
  if window == -1 then
    return
  end
  local places = vim.tbl_map(context.place, items)
  local left = #places > 0 and "↳ " .. table.concat(places, ", ") or "Prompt"
  if edited then
    left = "Edits an earlier prompt · <Esc> gives it up"
  end
  local chosen = session.state.info or session.state.choice
  local used = meter.line(session.state.info)
  local right = (used ~= "" and used .. " · " or "") .. answerer(chosen)
  vim.wo[window][0].winbar = (" %%#AbstractLLMFolded#%%<%s%%= %s "):format(
    plain.statusline(left),
    plain.statusline(right)
  )
end

---@param sent string what is written after it was meanwhile stays
local function clear(sent)
  items = {}
  local lines = vim.split(sent, "\n", { plain = true })
  vim.api.nvim_buf_set_text(buffer, 0, 0, #lines - 1, #lines[#lines], {})
  show_hint()
  M.show_title()
  fit()
end

--- Write an earlier prompt anew.
---@param said string
---@param parent_id any what it follows, |vim.NIL| at the very beginning
function M.edit(said, parent_id)
  local before = edited and edited.before or vim.api.nvim_buf_get_lines(M.buffer(), 0, -1, false)
  edited = { parent_id = parent_id, before = before }
  vim.api.nvim_buf_set_lines(M.buffer(), 0, -1, false, vim.split(said, "\n", { plain = true }))
  M.show_title()
  fit()
end

--- Give it up: what was written before is there again.
function M.leave_edit()
  if edited then
    vim.api.nvim_buf_set_lines(M.buffer(), 0, -1, false, edited.before)
    edited = nil
    M.show_title()
    show_hint()
  end
end

--- Send what is written; it stays until the server has taken it.
function M.send()
  local sent = text()
  if vim.trim(sent) == "" then
    return
  end
  actions.generate(sent, items, function()
    if vim.startswith(text(), sent) then
      clear(sent)
    end
    if text() == "" then
      M.leave_edit()
    end
    edited = nil
  end, edited and edited.parent_id)
end

--- Let these go along with the next prompt.
---@param new_items abstractllm.ContextItem[]
---@param options? {keeps: boolean} whether beside those that do already
function M.attach(new_items, options)
  items = options and options.keeps and vim.list_extend(vim.list_slice(items), new_items) or new_items
  M.show_title()
end

local function create()
  buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, "abstractllm://prompt")
  vim.bo[buffer].bufhidden = "hide"
  vim.bo[buffer].filetype = "abstractllm_prompt"
  pcall(vim.treesitter.start, buffer, "markdown")
  local keys = { { "n", "<CR>", M.send }, { { "n", "i" }, "<C-s>", M.send }, { "n", "<C-c>", actions.stop } }
  for _, key in ipairs(keys) do
    vim.keymap.set(key[1], key[2], key[3], { buffer = buffer })
  end
  vim.keymap.set("n", "<Esc>", M.leave_edit, { buffer = buffer })
  vim.keymap.set("n", "q", function()
    require("abstractllm.panel").close()
  end, { buffer = buffer, nowait = true })
  vim.api.nvim_create_autocmd({ "TextChanged", "TextChangedI" }, {
    buffer = buffer,
    callback = function()
      show_hint()
      fit()
    end,
  })
  show_hint()
end

---@return integer
function M.buffer()
  if not buffer or not vim.api.nvim_buf_is_valid(buffer) then
    create()
  end
  return buffer --[[@as integer]]
end

---@param above integer the window with the transcript
function M.open(above)
  local window = vim.api.nvim_open_win(M.buffer(), false, { split = "below", win = above, height = SMALLEST })
  for name, value in pairs(WINDOW_OPTIONS) do
    vim.wo[window][0][name] = value
  end
  M.show_title()
end

return M
