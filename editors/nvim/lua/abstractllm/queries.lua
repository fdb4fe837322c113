--- `abstractllm/editor/query`: what this Neovim and its language servers know.
local conversion = require("abstractllm.conversion")
local diagnostics = require("abstractllm.diagnostics")
local language_servers = require("abstractllm.language_servers")
local requests = require("abstractllm.requests")

local M = {}

M.KINDS = { "diagnostics", "symbols", "definition", "references", "hover", "rename", "openFiles" }

local api = vim.api

---@class abstractllm.Query
---@field kind string
---@field uri? string
---@field position? lsp.Position in the encoding of the client that asks
---@field query? string
---@field newName? string

---@alias abstractllm.Answer fun(result?: any, error?: table)

--- Ask those of some servers that know a method.
---@param query abstractllm.Query
---@param own vim.lsp.Client
---@param method string
---@param params_for fun(client: vim.lsp.Client): table
---@param buffer? integer of a document; without it, all servers are asked
---@param on_results fun(results: any[], failure?: string) in the encoding of `own`, without nulls
local function ask(query, own, method, params_for, buffer, on_results)
  local clients = language_servers.others(own, { method = method, bufnr = buffer })
  language_servers.ask(clients, method, params_for, buffer, function(answers, failure)
    local line_of, results = conversion.reader(), {}
    for _, answer in ipairs(answers) do
      local encoding = answer.client.offset_encoding
      local result = answer.result ~= vim.NIL and answer.result
      if result then
        local uri = query.uri or ""
        table.insert(results, conversion.result(result, uri, encoding, own.offset_encoding, line_of))
      end
    end
    on_results(results, failure)
  end)
end

--- Ask about a document.
---@param to_params fun(position?: lsp.Position): table what the method takes beside the document
local function ask_about(query, own, method, to_params, on_results)
  language_servers.with_buffer(own, query.uri, function(buffer)
    if not buffer then
      return on_results({})
    end
    local function params_for(client)
      local position
      if query.position then
        local row = query.position.line
        local line = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ""
        position = conversion.position(line, query.position, own.offset_encoding, client.offset_encoding)
      end
      local params = to_params(position)
      params.textDocument = { uri = query.uri }
      return params
    end
    ask(query, own, method, params_for, buffer, on_results)
  end)
end

--- Answer with all results in one list.
---@param answer abstractllm.Answer
---@param to_item? fun(item: table): table
local function in_one_list(answer, to_item)
  return function(results, failure)
    local list = {}
    for _, result in ipairs(results) do
      vim.list_extend(list, vim.islist(result) and result or { result })
    end
    answer(vim.tbl_map(to_item or function(item)
      return item
    end, list), failure and requests.failure(failure))
  end
end

---@param answer abstractllm.Answer
local function the_first(answer)
  return function(results, failure)
    answer(results[1], failure and requests.failure(failure))
  end
end

local function to_location(found)
  return found.targetUri and { uri = found.targetUri, range = found.targetSelectionRange } or found
end

local function at_position(position)
  return { position = position }
end

---@type table<string, fun(query: abstractllm.Query, own: vim.lsp.Client, answer: abstractllm.Answer)>
local kinds = {}

function kinds.diagnostics(query, own, answer)
  language_servers.with_buffer(own, query.uri, function(buffer)
    if not buffer then -- it may be about to be made
      return answer(#language_servers.others(own) > 0 and {} or nil)
    elseif not diagnostics.are_looked_for(own, buffer) then
      return answer(nil)
    end
    diagnostics.when_fresh(own, buffer, function()
      answer(diagnostics.of(buffer, own.offset_encoding))
    end)
  end)
end

function kinds.symbols(query, own, answer)
  if query.uri then
    local no_more = function()
      return {}
    end
    return ask_about(query, own, "textDocument/documentSymbol", no_more, in_one_list(answer))
  end
  local function params()
    return { query = query.query or "" }
  end
  ask(query, own, "workspace/symbol", params, nil, in_one_list(answer))
end

function kinds.definition(query, own, answer)
  ask_about(query, own, "textDocument/definition", at_position, in_one_list(answer, to_location))
end

function kinds.references(query, own, answer)
  local function with_declaration(position)
    return { position = position, context = { includeDeclaration = true } }
  end
  ask_about(query, own, "textDocument/references", with_declaration, in_one_list(answer))
end

function kinds.hover(query, own, answer)
  ask_about(query, own, "textDocument/hover", at_position, the_first(answer))
end

function kinds.rename(query, own, answer)
  local function to_new_name(position)
    return { position = position, newName = query.newName }
  end
  ask_about(query, own, "textDocument/rename", to_new_name, the_first(answer))
end

function kinds.openFiles(_, own, answer)
  answer({ documents = require("abstractllm.open_files").list(own.offset_encoding) })
end

---@param query abstractllm.Query
---@param own vim.lsp.Client the one that asks
---@param answer abstractllm.Answer
function M.answer(query, own, answer)
  local kind = kinds[query.kind]
  if not kind then
    return answer(nil, requests.failure(("This Neovim knows no query %q."):format(query.kind)))
  end
  kind(query, own, answer)
end

return M
