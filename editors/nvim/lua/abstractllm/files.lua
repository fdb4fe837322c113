--- Files that a server makes, renames or deletes, with the buffers they are open in.
---
--- Each `check_…` returns why it cannot be done, before anything is done.
local documents = require("abstractllm.documents")
local plain = require("abstractllm.plain")
local disk = require("abstractllm.disk")

local M = {}

local api, uv = vim.api, vim.uv

---@param path string
local function exists(path)
  return uv.fs_lstat(path) ~= nil
end

---@param path string
---@return integer? # the loaded buffer of a file
local function loaded(path)
  local buffer = vim.fn.bufexists(path) == 1 and vim.fn.bufadd(path)
  return buffer and api.nvim_buf_is_loaded(buffer) and buffer or nil
end

local function has_text(buffer)
  return api.nvim_buf_line_count(buffer) > 1 or api.nvim_buf_get_lines(buffer, 0, 1, true)[1] ~= ""
end

---@param path string
local function make_folder(path)
  vim.fn.mkdir(vim.fs.dirname(path), "p")
end

---@param uri string
---@param options? {overwrite?: boolean, ignoreIfExists?: boolean}
---@return string? obstacle
function M.check_create(uri, options)
  local path = vim.uri_to_fname(uri)
  local is_there = exists(path) or (loaded(path) and has_text(loaded(path)))
  if is_there and not (options and (options.overwrite or options.ignoreIfExists)) then
    return ("%s is there already"):format(plain.file_name(uri))
  end
end

--- Make an empty file.
---@param uri string
---@param options? {overwrite?: boolean, ignoreIfExists?: boolean}
function M.create(uri, options)
  local path = vim.uri_to_fname(uri)
  if exists(path) and not (options and options.overwrite) then
    return
  end
  make_folder(path)
  local buffer = loaded(path)
  if buffer then -- which `:write` then does not take for the file of somebody else
    api.nvim_buf_set_lines(buffer, 0, -1, false, {})
    return disk.write(buffer, "write!")
  end
  assert(io.open(path, "w")):close()
end

---@param old_uri string
---@param new_uri string
---@param options? {overwrite?: boolean}
---@return string? obstacle
function M.check_rename(old_uri, new_uri, options)
  if not exists(vim.uri_to_fname(old_uri)) then
    return ("%s is not there"):format(plain.file_name(old_uri))
  end
  local path = vim.uri_to_fname(new_uri)
  if (exists(path) or loaded(path)) and not (options and options.overwrite) then
    return ("%s is there already"):format(plain.file_name(new_uri))
  end
end

--- Rename a file and its buffer, which is saved with what is unsaved in it.
---@param old_uri string
---@param new_uri string
function M.rename(old_uri, new_uri)
  local old, new = vim.uri_to_fname(old_uri), vim.uri_to_fname(new_uri)
  make_folder(new)
  assert(uv.fs_rename(old, new))
  local buffer = loaded(old)
  if not buffer then
    return
  end
  disk.write(buffer, "saveas! " .. vim.fn.fnameescape(new))
  api.nvim_buf_delete(vim.fn.bufadd(old), { force = true }) -- `:saveas` keeps the old name
  documents.renamed(buffer)
end

---@param uri string
---@param options? {ignoreIfNotExists?: boolean}
---@return string? obstacle
function M.check_delete(uri, options)
  local found = uv.fs_lstat(vim.uri_to_fname(uri))
  if found and found.type == "directory" then
    return ("%s is a folder"):format(plain.file_name(uri))
  elseif not found and not (options and options.ignoreIfNotExists) then
    return ("%s is not there"):format(plain.file_name(uri))
  end
end

-- Deleting a buffer would close its windows.
local function leave_windows(buffer)
  local windows = vim.fn.win_findbuf(buffer)
  if #windows > 0 then
    local other = vim.iter(api.nvim_list_bufs()):find(function(candidate)
      return candidate ~= buffer and vim.bo[candidate].buflisted and documents.is_document(candidate)
    end) or api.nvim_create_buf(true, false)
    for _, window in ipairs(windows) do
      api.nvim_win_set_buf(window, other)
    end
  end
end

--- Delete a file and its buffer.
---@param uri string
function M.delete(uri)
  local path = vim.uri_to_fname(uri)
  if exists(path) then
    assert(uv.fs_unlink(path))
  end
  local buffer = loaded(path)
  if buffer then
    leave_windows(buffer)
    api.nvim_buf_delete(buffer, { force = true })
  end
end

return M
