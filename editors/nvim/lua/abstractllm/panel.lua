--- The panel: a window with the transcript, and one with the prompt beneath.
local actions = require("abstractllm.actions")
local approval = require("abstractllm.approval")
local chat = require("abstractllm.chat")
local config = require("abstractllm.config")
local panel_keys = require("abstractllm.panel_keys")
local plain = require("abstractllm.plain")
local prompt = require("abstractllm.prompt")
local session = require("abstractllm.session")
local status = require("abstractllm.status")

local M = {}

local WINDOW_OPTIONS = {
  conceallevel = 2,
  concealcursor = "nc",
  cursorline = false,
  fillchars = "fold: ,eob: ",
  foldcolumn = "0",
  foldenable = true,
  foldexpr = "v:lua.require'abstractllm.chat'.fold_level(v:lnum)",
  foldlevel = 0,
  foldmethod = "expr",
  foldtext = "",
  linebreak = true,
  list = false,
  number = false,
  relativenumber = false,
  signcolumn = "no",
  spell = false,
  statuscolumn = " ",
  statusline = " ",
  winfixbuf = true,
  winfixwidth = true,
  wrap = true,
}

---@param buffer integer
---@return integer? # the window of this tab that shows it
local function window_of(buffer)
  local window = vim.fn.bufwinid(buffer)
  return window ~= -1 and window or nil
end

---@return boolean
function M.is_open()
  return window_of(chat.buffer()) ~= nil
end

---@param width integer
---@return string
local function title(width)
  local info = session.state.info
  local name = info and (info.title or "Chat") or "New chat"
  local now = status.now()
  local doing = now and ("%%#%s#%s "):format(now.group, now.text) or ""
  local room = width - (now and vim.fn.strdisplaywidth(now.text) or 0) - 3
  return (" %%#AbstractLLMUser#%%<%s%%*%%= %s"):format(plain.statusline(plain.cut(name, room)), doing)
end

local function show_title()
  local window = window_of(chat.buffer())
  if window then
    vim.wo[window][0].winbar = title(vim.api.nvim_win_get_width(window))
    prompt.show_title()
  end
end

local function refresh(first)
  if first then
    chat.update(first)
  end
  show_title()
end

local function show_question(question)
  refresh(session.state.transcript:place_of(question.params.callId))
end

local function set_keys()
  local function map(key, action, description)
    vim.keymap.set("n", key, action, { buffer = chat.buffer(), desc = description, nowait = true })
  end
  map("q", M.close, "Close the panel")
  map("<C-c>", actions.stop, "Stop the reply")
  for _, key in ipairs({ "i", "a", "o" }) do
    map(key, M.focus, "Go to the prompt")
  end
  panel_keys.set(chat.buffer())
end

local function open_chat()
  local window = vim.api.nvim_open_win(chat.buffer(), false, {
    split = "right",
    win = -1,
    width = config.panel_width(),
  })
  for name, value in pairs(WINDOW_OPTIONS) do
    vim.wo[window][0][name] = value
  end
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(chat.buffer()), 0 })
  return window
end

--- Whichever of the two windows is closed, the other one goes along.
local function close_together()
  local group = vim.api.nvim_create_augroup("abstractllm.panel", {})
  for _, buffer in ipairs({ chat.buffer(), prompt.buffer() }) do
    vim.api.nvim_create_autocmd("WinClosed", {
      group = group,
      buffer = buffer,
      callback = vim.schedule_wrap(M.close),
    })
  end
  vim.api.nvim_create_autocmd("FocusGained", { group = group, callback = M.refresh })
end

---@param options? {enter: boolean} whether to go to the prompt
function M.open(options)
  session.subscribe(refresh)
  approval.subscribe("panel", show_question)
  if not M.is_open() then
    local window = open_chat()
    prompt.open(window)
    set_keys()
    close_together()
    session.refresh()
    show_title()
  end
  if not options or options.enter then
    M.focus()
  end
end

function M.focus()
  vim.api.nvim_set_current_win(window_of(prompt.buffer()))
end

--- Show what another editor may have said meanwhile.
function M.refresh()
  if M.is_open() then
    session.refresh()
  end
end

function M.close()
  local windows = { window_of(chat.buffer()) }
  table.insert(windows, window_of(prompt.buffer()))
  if #windows > 0 and #windows == #vim.api.nvim_tabpage_list_wins(0) then
    vim.api.nvim_open_win(vim.api.nvim_create_buf(true, false), true, { split = "left", win = -1 })
  end
  for _, window in ipairs(windows) do
    vim.api.nvim_win_close(window, true)
  end
end

function M.toggle()
  if M.is_open() then
    M.close()
  else
    M.open()
  end
end

return M
