--- `workspace/applyEdit`: all that can be checked is checked before anything is changed.
---
--- Neovim's own handler leaves out a stale edit and says that it was applied.
local documents = require("abstractllm.documents")
local edits = require("abstractllm.edits")
local files = require("abstractllm.files")
local plain = require("abstractllm.plain")

local M = {}

local api = vim.api

---@class abstractllm.Step
---@field check fun(made: table<string, "empty"|"renamed">): string? why it cannot be done
---@field run fun(client: vim.lsp.Client, made: table<string, "empty"|"renamed">)

local function create(change)
  return {
    check = function(made)
      made[change.uri] = "empty"
      return files.check_create(change.uri, change.options)
    end,
    run = function()
      files.create(change.uri, change.options)
    end,
  }
end

local function rename(change)
  return {
    check = function(made)
      made[change.newUri] = "renamed"
      return files.check_rename(change.oldUri, change.newUri, change.options)
    end,
    run = function()
      files.rename(change.oldUri, change.newUri)
    end,
  }
end

local function delete(change)
  return {
    check = function()
      return files.check_delete(change.uri, change.options)
    end,
    run = function()
      files.delete(change.uri)
    end,
  }
end

---@return integer? version of an open buffer; without one, the edit is of what the disk holds
local function version_of(document)
  return document.version ~= vim.NIL and document.version or nil
end

local function is_stale(buffer, version)
  if version then
    return documents.version(buffer) ~= version
  end
  return api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].modified
end

local function check_text(document)
  local uri, buffer = document.uri, documents.buffer(document.uri)
  if not buffer then
    return ("%s is no file"):format(plain.file_name(uri))
  end
  local on_disk = vim.uv.fs_stat(api.nvim_buf_get_name(buffer))
  if is_stale(buffer, version_of(document)) then
    return ("%s has changed meanwhile"):format(plain.file_name(uri))
  elseif not on_disk and not api.nvim_buf_is_loaded(buffer) then
    return ("%s is not there"):format(plain.file_name(uri))
  end
  vim.fn.bufload(buffer)
  if vim.bo[buffer].readonly or not vim.bo[buffer].modifiable then
    return ("%s is read-only in the editor"):format(plain.file_name(uri))
  end
end

-- The server holds a buffer without text for a newline, as Neovim tells it.
local function is_empty(document, made)
  local on_disk = not version_of(document) and vim.uv.fs_stat(vim.uri_to_fname(document.uri))
  return made == "empty" or (on_disk and on_disk.size == 0) or false
end

local function change_text(change)
  local document = change.textDocument
  return {
    check = function(made)
      return not made[document.uri] and check_text(document) or nil
    end,
    run = function(client, made)
      local buffer = documents.buffer(document.uri) --[[@as integer]]
      vim.fn.bufload(buffer)
      local had_end = vim.bo[buffer].endofline
      local was_empty = is_empty(document, made[document.uri])
      local is_applied = edits.apply(buffer, change.edits, client.offset_encoding, was_empty)
      assert(is_applied, ("Two edits of %s overlap"):format(plain.file_name(document.uri)))
      vim.bo[buffer].buflisted = true
      if vim.bo[buffer].endofline ~= had_end then
        documents.send_again(client, buffer)
      end
    end,
  }
end

local KINDS = { create = create, rename = rename, delete = delete }

---@param edit lsp.WorkspaceEdit
---@return abstractllm.Step[]
local function steps_of(edit)
  local changes = edit.documentChanges
  if not changes then
    changes = {}
    for uri, text_edits in pairs(edit.changes or {}) do
      table.insert(changes, { textDocument = { uri = uri }, edits = text_edits })
    end
  end
  return vim.tbl_map(function(change)
    return (KINDS[change.kind] or change_text)(change)
  end, changes)
end

---@param reason string
---@param index? integer
local function refused(reason, index)
  local sentence = reason:gsub("^.-%.lua:%d+: ", "")
  return { applied = false, failureReason = sentence, failedChange = index and index - 1 }
end

--- Apply an edit of several files, or refuse it.
---@param params {edit: lsp.WorkspaceEdit}
---@param client vim.lsp.Client
---@return {applied: boolean, failureReason?: string, failedChange?: integer}
function M.apply(params, client)
  local steps, made = steps_of(params.edit), {}
  for index, step in ipairs(steps) do
    local could, obstacle = pcall(step.check, made)
    if obstacle then
      return refused(obstacle, could and index or nil)
    end
  end
  for index, step in ipairs(steps) do
    local is_done, failure = pcall(step.run, client, made)
    if not is_done then
      return refused(failure, index)
    end
  end
  documents.catch_up(client)
  return { applied = true }
end

return M
