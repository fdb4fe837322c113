--- What passes between buffers and the disk without a question to anybody.
local documents = require("abstractllm.documents")
local notify = require("abstractllm.notify")

local M = {}

local api = vim.api

--- Write a buffer by a command; what has no newline at its end is written without one.
---@param buffer integer
---@param command string such as "write!"
function M.write(buffer, command)
  local fixes_end = vim.bo[buffer].fixendofline
  vim.bo[buffer].fixendofline = fixes_end and vim.bo[buffer].endofline
  local is_done, failure = pcall(api.nvim_buf_call, buffer, function()
    vim.cmd("silent keepalt lockmarks " .. command)
  end)
  if api.nvim_buf_is_valid(buffer) then
    vim.bo[buffer].fixendofline = fixes_end
  end
  assert(is_done, failure)
end

-- Until the user has written the buffer himself, or read it again.
local function note_conflict(buffer)
  vim.b[buffer].abstractllm_conflict = true
  api.nvim_create_autocmd({ "BufWritePost", "BufReadPost" }, {
    buffer = buffer,
    once = true,
    callback = function()
      vim.b[buffer].abstractllm_conflict = nil
    end,
  })
end

-- `:write!` asks nothing, and so would put what another program has written out of the
-- world. What Neovim finds out about that is told once; so it is noted.
local function was_changed_by_others(buffer)
  local watching = api.nvim_create_autocmd("FileChangedShell", {
    buffer = buffer,
    callback = function()
      if vim.v.fcs_reason == "conflict" or vim.v.fcs_reason == "changed" then
        note_conflict(buffer)
      end
      vim.v.fcs_choice = ""
    end,
  })
  vim.cmd.checktime(buffer)
  api.nvim_del_autocmd(watching)
  return vim.b[buffer].abstractllm_conflict
end

local function can_be_encoded(buffer)
  local encoding = vim.bo[buffer].fileencoding
  if encoding == "" or vim.startswith(encoding, "utf") or vim.startswith(encoding, "ucs") then
    return true
  end
  local text = table.concat(api.nvim_buf_get_lines(buffer, 0, -1, true), "\n")
  return vim.fn.iconv(vim.fn.iconv(text, "utf-8", encoding), encoding, "utf-8") == text
end

---@param failure string as Neovim raises it, with where it comes from
---@return string
local function in_words(failure)
  local line = failure:match("[^\n]*")
  return line:match("E%d+: .*") or line:match('": (.*)$') or line
end

---@param buffer integer
---@return string? # why it cannot be saved
local function obstacle(buffer)
  local name = vim.fn.fnamemodify(api.nvim_buf_get_name(buffer), ":~:.")
  if vim.bo[buffer].readonly or (vim.uv.fs_stat(api.nvim_buf_get_name(buffer)) and vim.fn.filewritable(name) == 0) then
    return ("%s is read-only."):format(name)
  elseif was_changed_by_others(buffer) then
    return ("%s was changed on the disk too; `:write!` puts your text there."):format(name)
  elseif not can_be_encoded(buffer) then
    return ("%s has characters that %s does not know."):format(name, vim.bo[buffer].fileencoding)
  end
end

---@param buffer integer
---@return boolean # whether the disk holds its text now
local function save(buffer)
  if not vim.bo[buffer].modified then
    return true
  end
  local reason = obstacle(buffer)
  if not reason then
    local is_done, failure = pcall(M.write, buffer, "write!")
    reason = not is_done and in_words(failure) or nil
  end
  if reason then
    notify.news("Not saved: " .. reason)
  end
  return not reason and not (api.nvim_buf_is_valid(buffer) and vim.bo[buffer].modified)
end

--- Save those of the documents that are open.
---@param uris string[]
---@return string[] # those that are saved now
function M.save(uris)
  return vim.tbl_filter(function(uri)
    local buffer = documents.buffer(uri)
    return buffer ~= nil and documents.is_document(buffer) and save(buffer)
  end, uris)
end

--- Read again what a command may have changed, of the buffers that are not.
function M.read_again()
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    local is_unchanged = documents.is_document(buffer) and not vim.bo[buffer].modified
    if is_unchanged and vim.F.if_nil(vim.bo[buffer].autoread, vim.go.autoread) then
      vim.cmd.checktime(buffer)
    end
  end
end

return M
