--- Windows that stay at the end of a buffer while it grows.
local M = {}

local api = vim.api

-- Milliseconds until Neovim knows what Markdown hides in new lines, and so their height.
local PARSED = 50

local function last_line(window)
  return api.nvim_buf_line_count(api.nvim_win_get_buf(window))
end

local function is_cursor_at_end(window)
  return api.nvim_win_get_cursor(window)[1] == last_line(window)
end

--- Who only looks at a window moves it without its cursor.
---@param window integer
---@return boolean
function M.is_at_end(window)
  local is_current = window == api.nvim_get_current_win()
  local is_seen = not is_current and vim.fn.line("w$", window) == last_line(window)
  return is_seen or is_cursor_at_end(window)
end

-- With no room below the last line, and not with half of it; but not while keys wait
-- for more of them.
local function show_end(window)
  local mode = api.nvim_get_mode().mode
  local is_idle = mode == "n" or mode:find("^i")
  if is_idle and api.nvim_win_is_valid(window) and is_cursor_at_end(window) then
    api.nvim_win_call(window, function()
      vim.cmd.normal({ "zb", bang = true })
    end)
  end
end

---@param window integer
function M.go_to_end(window)
  local last = last_line(window)
  local text = api.nvim_buf_get_lines(api.nvim_win_get_buf(window), last - 1, last, false)[1]
  api.nvim_win_set_cursor(window, { last, #text })
  show_end(window)
  vim.defer_fn(function()
    show_end(window)
  end, PARSED)
end

return M
