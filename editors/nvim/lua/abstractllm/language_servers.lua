--- Asks the other language servers of a buffer, and gives those up that do not answer.
local documents = require("abstractllm.documents")

local M = {}

-- In milliseconds: how long a server may take to answer, and to attach to a buffer that
-- was just loaded; and how long its configuration may take to begin to start it.
local TIMEOUT, START, BEGIN = 5000, 5000, 200

---@param own vim.lsp.Client who asks
---@param filter? table as for |vim.lsp.get_clients()|
---@return vim.lsp.Client[]
function M.others(own, filter)
  return vim.tbl_filter(function(client)
    return client.id ~= own.id
  end, vim.lsp.get_clients(filter))
end

--- Call back once, at the latest after some time.
---@param milliseconds integer
---@param callback fun(...)
---@return fun(...) # calls back before
function M.within(milliseconds, callback)
  local is_over = false
  local function once(...)
    if not is_over then
      is_over = true
      callback(...)
    end
  end
  vim.defer_fn(once, milliseconds)
  return once
end

local function wait_for_attach(buffer, milliseconds, callback)
  local watching
  local go_on = M.within(milliseconds, function()
    pcall(vim.api.nvim_del_autocmd, watching)
    callback()
  end)
  watching = vim.api.nvim_create_autocmd("LspAttach", { buffer = buffer, callback = vim.schedule_wrap(go_on) })
end

--- Call back when the language servers of a buffer that was just loaded have begun.
---@param own vim.lsp.Client
---@param buffer integer
---@param callback fun()
local function when_begun(own, buffer, callback)
  local function is_there(uninitialized)
    return #M.others(own, { bufnr = buffer, _uninitialized = uninitialized }) > 0
  end
  local function wait_for_its_start()
    if is_there(false) or not is_there(true) then
      return callback()
    end
    wait_for_attach(buffer, START, callback)
  end
  if is_there(true) then
    return wait_for_its_start()
  end
  vim.defer_fn(wait_for_its_start, BEGIN)
end

---@type table<integer, boolean> buffers that were loaded to ask about them
local loaded = {}

--- Call back with a document's buffer, loaded and known to its language servers.
---@param own vim.lsp.Client
---@param uri string
---@param callback fun(buffer?: integer) nothing for a file that is not there
function M.with_buffer(own, uri, callback)
  local buffer = documents.buffer(uri)
  if buffer and vim.api.nvim_buf_is_loaded(buffer) then
    return callback(buffer)
  elseif not buffer or not vim.uv.fs_stat(vim.api.nvim_buf_get_name(buffer)) then
    return callback(nil)
  end
  vim.fn.bufload(buffer)
  loaded[buffer] = true
  when_begun(own, buffer, function()
    callback(buffer)
  end)
end

--- Unload what was loaded only to ask about it.
function M.tidy()
  for buffer in pairs(loaded) do
    local is_valid = vim.api.nvim_buf_is_valid(buffer)
    if is_valid and not (vim.bo[buffer].buflisted or vim.bo[buffer].modified or vim.fn.bufwinid(buffer) ~= -1) then
      vim.api.nvim_buf_delete(buffer, {})
    end
  end
  loaded = {}
end

---@class abstractllm.ServerAnswer
---@field client vim.lsp.Client
---@field result any

--- Ask servers side by side.
---@param clients vim.lsp.Client[]
---@param method string
---@param params_for fun(client: vim.lsp.Client): table
---@param buffer? integer
---@param on_answers fun(answers: abstractllm.ServerAnswer[], failure?: string) in the order of the clients
function M.ask(clients, method, params_for, buffer, on_answers)
  local answers, failure, left = {}, nil, #clients
  local requests = {}
  local finish = M.within(TIMEOUT, function()
    for client, id in pairs(requests) do
      require("abstractllm.client").call(client, "cancel_request", id)
    end
    local found = vim.tbl_filter(function(client)
      return answers[client.id] ~= nil
    end, clients)
    on_answers(vim.tbl_map(function(client)
      return answers[client.id]
    end, found), #found == 0 and failure or nil)
  end)
  if left == 0 then
    return finish()
  end
  for _, client in ipairs(clients) do
    local function on_answer(error, result)
      requests[client], left = nil, left - 1
      answers[client.id] = not error and { client = client, result = result } or nil
      failure = error and error.message or failure
      if left == 0 then
        finish()
      end
    end
    local _, id = require("abstractllm.client").call(client, "request", method, params_for(client), on_answer, buffer)
    requests[client] = id
  end
end

return M
