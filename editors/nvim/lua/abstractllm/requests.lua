--- What the server asks of the editor.
---
--- Neovim runs the handler of a request in a coroutine and sends what it returns: so one
--- that has to wait yields, and goes on when the answer is there.
local M = {}

local CANCELLED = vim.lsp.protocol.ErrorCodes.RequestCancelled

--- Wait for what `begin` calls back with; for use in a handler.
---@param begin fun(answer: fun(result?: any, error?: {code: integer, message: string}))
---@return any result, {code: integer, message: string}? error
local function wait(begin)
  local handler, is_waiting, is_answered = coroutine.running(), false, false
  local result, error
  begin(function(...)
    if is_answered then
      return
    end
    is_answered, result, error = true, ...
    if is_waiting then
      assert(coroutine.resume(handler))
    end
  end)
  if not is_answered then
    is_waiting = true
    coroutine.yield()
  end
  return result, error
end

---@param sentence string
---@return {code: integer, message: string}
function M.failure(sentence)
  return vim.lsp.rpc_response_error(vim.lsp.protocol.ErrorCodes.InternalError, sentence)
end

---@param method fun(params: table, answer: fun(result?: any, error?: table), client: vim.lsp.Client)
local function later(method)
  return function(_, params, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    params = require("abstractllm.client").without_nulls(params)
    local result, error = wait(function(answer)
      method(params, answer, client)
    end)
    return error == nil and (result == nil and vim.NIL or result) or nil, error
  end
end

M.handlers = {
  ["abstractllm/tool/approve"] = later(function(params, answer)
    require("abstractllm.approval").ask(params, function(decision)
      answer(decision, not decision and vim.lsp.rpc_response_error(CANCELLED) or nil)
    end)
  end),
  ["abstractllm/editor/query"] = later(function(params, answer, client)
    require("abstractllm.queries").answer(params, client, answer)
  end),
  ["abstractllm/document/save"] = function(_, params)
    return { saved = require("abstractllm.disk").save(params.uris) }
  end,
  ["workspace/applyEdit"] = function(_, params, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    return require("abstractllm.workspace_edit").apply(params, client)
  end,
}

return M
