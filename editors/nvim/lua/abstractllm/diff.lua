--- Reads a unified diff.
local M = {}

---@class abstractllm.DiffLine
---@field sign " "|"-"|"+"
---@field text string

---@class abstractllm.Hunk
---@field number integer of the whole diff, from zero
---@field row integer the first line it shows of the text before, from zero
---@field lines abstractllm.DiffLine[]

---@class abstractllm.FileDiff
---@field old? string its name, relative to the workspace; none where it is made
---@field new? string none where it is deleted
---@field hunks abstractllm.Hunk[]

---@param name string as in a header
---@return string?
local function named(name)
  return name ~= "/dev/null" and name:gsub("^[ab]/", "") or nil
end

---@param count string of a header: none says one
---@return integer
local function number(count)
  return count == "" and 1 or tonumber(count) --[[@as integer]]
end

---@class abstractllm.DiffReader
---@field lines string[]
---@field at integer the line that comes next
---@field files abstractllm.FileDiff[]
---@field hunks integer
local Reader = {}
Reader.__index = Reader

---@param old? string
---@param new? string
function Reader:add_file(old, new)
  local last = self.files[#self.files]
  if not (last and last.old == old and last.new == new) then -- a rename has told it before
    table.insert(self.files, { old = old, new = new, hunks = {} })
  end
  self.at = self.at + 2
end

--- Read as many lines of either text as a hunk's header tells.
---@param before integer
---@param after integer
---@return abstractllm.DiffLine[]
function Reader:hunk_lines(before, after)
  local read = {}
  while before > 0 or after > 0 do
    local line = self.lines[self.at] or ""
    local sign, text = line:match("^([ +-])(.*)$")
    if sign then
      table.insert(read, { sign = sign, text = text })
      before, after = before - (sign ~= "+" and 1 or 0), after - (sign ~= "-" and 1 or 0)
    elseif not vim.startswith(line, "\\") then
      break
    end
    self.at = self.at + 1
  end
  return read
end

---@param start integer from one; for no lines, the one before
---@param before integer
---@param after integer
function Reader:add_hunk(start, before, after)
  self.at = self.at + 1
  local hunk = { number = self.hunks, row = before == 0 and start or start - 1 }
  hunk.lines = self:hunk_lines(before, after)
  table.insert(self.files[#self.files].hunks, hunk)
  self.hunks = self.hunks + 1
end

function Reader:read()
  local line, next_line = self.lines[self.at], self.lines[self.at + 1] or ""
  local start, before, after = line:match("^@@ %-(%d+),?(%d*) %+%d+,?(%d*) @@")
  if start and #self.files > 0 then
    self:add_hunk(number(start), number(before), number(after))
  elseif vim.startswith(line, "rename from ") then
    self:add_file(line:match("^rename from (.*)$"), next_line:match("^rename to (.*)$"))
  elseif vim.startswith(line, "--- ") and vim.startswith(next_line, "+++ ") then
    self:add_file(named(line:sub(5)), named(next_line:sub(5)))
  else
    self.at = self.at + 1
  end
end

--- Return the files of a diff; what cannot be read of it is left out.
---@param text string
---@return abstractllm.FileDiff[]
function M.files(text)
  local lines = vim.split(text, "\n", { plain = true })
  local reader = setmetatable({ lines = lines, at = 1, files = {}, hunks = 0 }, Reader)
  while reader.at <= #lines do
    reader:read()
  end
  return reader.files
end

--- Return how many lines are added and removed.
---@param files abstractllm.FileDiff[]
---@return integer added, integer removed
function M.count(files)
  local counts = { [" "] = 0, ["+"] = 0, ["-"] = 0 }
  for _, file in ipairs(files) do
    for _, hunk in ipairs(file.hunks) do
      for _, line in ipairs(hunk.lines) do
        counts[line.sign] = counts[line.sign] + 1
      end
    end
  end
  return counts["+"], counts["-"]
end

---@class abstractllm.Run lines of a hunk that take the place of others
---@field row integer where the removed ones are, or were if there are none: before this row
---@field removed string[]
---@field added string[]

--- Return what a hunk does, without the lines around it.
---@param hunk abstractllm.Hunk
---@return abstractllm.Run[]
function M.runs(hunk)
  local runs, row = {}, hunk.row
  local run
  for _, line in ipairs(hunk.lines) do
    if line.sign == " " then
      run, row = nil, row + 1
    else
      if not run then
        run = { row = row, removed = {}, added = {} }
        table.insert(runs, run)
      end
      table.insert(line.sign == "-" and run.removed or run.added, line.text)
      row = row + (line.sign == "-" and 1 or 0)
    end
  end
  return runs
end

return M
