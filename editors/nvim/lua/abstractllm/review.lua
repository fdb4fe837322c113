--- Answering where the change would be: which buffers show one that waits for approval.
local approval = require("abstractllm.approval")
local client = require("abstractllm.client")
local config = require("abstractllm.config")
local hunk_keys = require("abstractllm.hunk_keys")
local inline_diff = require("abstractllm.inline_diff")
local keymaps = require("abstractllm.keymaps")
local notify = require("abstractllm.notify")
local open_files = require("abstractllm.open_files")

local M = {}

local api = vim.api

---@class abstractllm.Review
---@field buffer integer
---@field question abstractllm.Question
---@field file abstractllm.FileDiff
---@field leave fun(step: 1|-1) goes to the next or the previous file
---@field restore fun() puts the buffer's own keys back

---@type table<integer, abstractllm.Review> by buffer
local reviews = {}

---@param file abstractllm.FileDiff
---@return string # its path now
local function path_of(file)
  return vim.fs.joinpath(client.root(), file.old)
end

---@param file abstractllm.FileDiff
local function has_inline_diff(file)
  return file.old ~= nil and #file.hunks > 0
end

---@param file abstractllm.FileDiff
---@return integer? # its loaded buffer, if it still is what the diff begins with
local function buffer_of(file)
  local path = has_inline_diff(file) and path_of(file)
  local buffer = path and vim.fn.bufexists(path) == 1 and vim.fn.bufadd(path)
  return buffer and api.nvim_buf_is_loaded(buffer) and inline_diff.is_of(buffer, file) and buffer or nil
end

--- Show a file in the current window, and go to its first hunk, or its last one.
---@param file abstractllm.FileDiff
---@param at_end? boolean
---@return boolean # whether it can be shown there
local function show_file(file, at_end)
  local path = path_of(file)
  if vim.fn.filereadable(path) == 1 then
    local buffer = vim.fn.bufadd(path)
    vim.bo[buffer].buflisted = true
    pcall(api.nvim_win_set_buf, 0, buffer)
  end
  local buffer = buffer_of(file)
  if not buffer or buffer ~= api.nvim_get_current_buf() then
    return false
  end
  M.refresh()
  hunk_keys.go_to(buffer, file.hunks[at_end and #file.hunks or 1])
  return true
end

---@param question abstractllm.Question
---@param file abstractllm.FileDiff
---@param step 1|-1
local function go_to_file(question, file, step)
  local files = vim.iter(question.files):filter(has_inline_diff)
  if step < 0 then
    files:rev()
  end
  files:find(function(other)
    return other == file
  end)
  local next_file = files:next()
  if next_file then
    return show_file(next_file, step < 0)
  end
  notify.info(step > 0 and "There is no hunk below." or "There is no hunk above.")
end

---@param review abstractllm.Review
---@return fun(hunk: abstractllm.Hunk): string # what is said beside a hunk
local function hint(review)
  local keys, hunks = config.options.keys, review.file.hunks
  return function(hunk)
    local verdict = review.question.verdicts[hunk.number]
    local number = ("%d/%d "):format(hunk.number - hunks[1].number + 1, #hunks)
    if verdict ~= nil then
      return number .. (verdict and "✓ allowed" or "✗ left out")
    end
    local text = ("%s%s allow · %s reject"):format(number, keys.allow, keys.reject)
    return #hunks > 1 and ("%s · %s next"):format(text, keys.next_hunk) or text
  end
end

local function leave(buffer)
  if api.nvim_buf_is_loaded(buffer) then
    inline_diff.clear(buffer)
    reviews[buffer].restore()
  end
  reviews[buffer] = nil
end

local function enter(buffer, question, file)
  if reviews[buffer] and reviews[buffer].question ~= question then
    leave(buffer)
  end
  if not reviews[buffer] then
    local review = { buffer = buffer, question = question, file = file }
    review.leave = function(step)
      go_to_file(question, file, step)
    end
    review.restore = keymaps.borrow(buffer, hunk_keys.actions(review))
    reviews[buffer] = review
  end
  inline_diff.show(buffer, file, question.verdicts, hint(reviews[buffer]))
end

--- Show in all loaded buffers what waits for approval, and nothing else.
function M.refresh()
  local seen = {}
  for _, question in ipairs(approval.waiting()) do
    for _, file in ipairs(question.files) do
      local buffer = buffer_of(file)
      if buffer and not seen[buffer] then
        seen[buffer] = true
        enter(buffer, question, file)
      end
    end
  end
  for buffer in pairs(reviews) do
    if not seen[buffer] then
      leave(buffer)
    end
  end
end

--- Go to the first hunk of a question in its file, or else to a tab with its diff.
---@param question abstractllm.Question
function M.open(question)
  local file = vim.iter(question.files):find(has_inline_diff)
  local window = open_files.working_window()
  if file and window then
    api.nvim_set_current_win(window)
    if show_file(file) then
      return
    end
  end
  require("abstractllm.diff_tab").of_question(question, file and file.old)
end

--- Begin to show what waits.
function M.follow()
  approval.subscribe("review", M.refresh)
  api.nvim_create_autocmd({ "BufReadPost", "BufEnter" }, {
    group = api.nvim_create_augroup("abstractllm.review", {}),
    callback = function()
      if #approval.waiting() > 0 then
        M.refresh()
      end
    end,
  })
end

return M
