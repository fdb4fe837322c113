--- What keys do in a buffer while a change of it waits for approval.
local approval = require("abstractllm.approval")
local diff = require("abstractllm.diff")
local inline_diff = require("abstractllm.inline_diff")

local M = {}

local api = vim.api

---@param review abstractllm.Review
---@param hunk abstractllm.Hunk
---@return integer first, integer last rows
local function extent(review, hunk)
  local runs, row = diff.runs(hunk), inline_diff.row_of(review.buffer, hunk)
  local last = runs[#runs]
  return row, row + last.row + math.max(#last.removed - 1, 0) - runs[1].row
end

---@return integer # from zero
local function cursor_row()
  return api.nvim_win_get_cursor(0)[1] - 1
end

---@param review abstractllm.Review
---@return abstractllm.Hunk? # the one that the cursor is in
local function hunk_here(review)
  local row = cursor_row()
  return vim.iter(review.file.hunks):find(function(hunk)
    local first, last = extent(review, hunk)
    return row >= first and row <= last
  end)
end

--- Go to a hunk of the buffer in the current window.
---@param buffer integer
---@param hunk abstractllm.Hunk
function M.go_to(buffer, hunk)
  local row = inline_diff.row_of(buffer, hunk)
  vim.cmd("normal! m'")
  api.nvim_win_set_cursor(0, { row + 1, 0 })
  vim.cmd("normal! zvzz")
  if row == 0 then -- lines above the first one are out of sight otherwise
    vim.fn.winrestview({ topline = 1, topfill = #hunk.lines })
  end
end

---@param review abstractllm.Review
---@param step 1|-1
local function jump(review, step)
  local hunks, row = review.file.hunks, cursor_row()
  for index = step > 0 and 1 or #hunks, step > 0 and #hunks or 1, step do
    local there = inline_diff.row_of(review.buffer, hunks[index])
    if (there - row) * step > 0 then
      return M.go_to(review.buffer, hunks[index])
    end
  end
  review.leave(step)
end

---@param review abstractllm.Review
---@param is_accepted boolean
local function decide(review, is_accepted)
  local hunk = hunk_here(review)
  if not hunk then
    return jump(review, 1)
  end
  approval.decide(review.question, hunk.number, is_accepted)
  if approval.undecided(review.question) > 0 then
    jump(review, 1)
  end
end

---@param review abstractllm.Review
---@return abstractllm.Actions
function M.actions(review)
  local question = review.question
  return {
    allow = { "Allow this hunk", function()
      decide(review, true)
    end },
    reject = { "Reject this hunk", function()
      decide(review, false)
    end },
    allow_all = { "Allow all hunks that are not rejected", function()
      approval.allow(question, "once")
    end },
    reject_all = { "Reject all hunks that are not allowed", function()
      approval.reject_rest(question)
    end },
    next_hunk = { "Go to the next hunk", function()
      jump(review, 1)
    end },
    previous_hunk = { "Go to the previous hunk", function()
      jump(review, -1)
    end },
    diff_in_tab = { "Show the change in a tab", function()
      require("abstractllm.diff_tab").of_question(question, review.file.old)
    end },
  }
end

return M
