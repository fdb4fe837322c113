--- The diagnostics of a buffer, once they are those of its text of now.
local documents = require("abstractllm.documents")
local language_servers = require("abstractllm.language_servers")
local positions = require("abstractllm.positions")

local M = {}

local api = vim.api

-- In milliseconds: how long they are waited for, and for those of the next server.
local TIMEOUT, QUIET = 1500, 250

---@type table<integer, integer> the version that was last reported about, by buffer
local reported = {}

local function note(buffer)
  reported[buffer] = documents.version(buffer)
end

--- Notice from now on when there are new ones.
function M.follow()
  reported = {}
  vim.iter(api.nvim_list_bufs()):each(note)
  api.nvim_create_autocmd("DiagnosticChanged", {
    group = api.nvim_create_augroup("abstractllm.diagnostics", {}),
    callback = function(event)
      note(event.buf)
    end,
  })
end

-- Several servers report one after the other: until it is quiet for a moment.
local function wait_for_report(buffer, callback)
  local watching, timer
  local finish = language_servers.within(TIMEOUT, function()
    api.nvim_del_autocmd(watching)
    if timer then
      timer:stop()
    end
    callback()
  end)
  watching = api.nvim_create_autocmd("DiagnosticChanged", {
    buffer = buffer,
    callback = function()
      if timer then
        timer:stop()
      end
      timer = vim.defer_fn(finish, QUIET)
    end,
  })
end

---@param own vim.lsp.Client
---@param buffer integer
---@return boolean # whether a language server, or something else such as a linter, looks at it
function M.are_looked_for(own, buffer)
  return #language_servers.others(own, { bufnr = buffer }) > 0 or #vim.diagnostic.get(buffer) > 0
end

---@param own vim.lsp.Client
---@param buffer integer
---@param callback fun()
function M.when_fresh(own, buffer, callback)
  local is_reported = reported[buffer] and reported[buffer] == documents.version(buffer)
  if is_reported or #language_servers.others(own, { bufnr = buffer }) == 0 then
    return callback()
  end
  wait_for_report(buffer, function()
    note(buffer) -- who has not said anything by now is not waited for again
    callback()
  end)
end

---@param buffer integer
---@param encoding string
---@return lsp.Diagnostic[]
function M.of(buffer, encoding)
  local function position(row, byte)
    local line = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ""
    return { line = row, character = positions.from_byte(line, byte, encoding) }
  end
  return vim.tbl_map(function(found)
    return {
      range = {
        start = position(found.lnum, found.col),
        ["end"] = position(found.end_lnum or found.lnum, found.end_col or found.col),
      },
      severity = found.severity,
      message = found.message,
      source = found.source,
      code = found.code,
    }
  end, vim.diagnostic.get(buffer))
end

return M
