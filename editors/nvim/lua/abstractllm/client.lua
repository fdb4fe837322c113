--- The one connection to the server: started when it is first needed, and again after
--- it ended.
local config = require("abstractllm.config")
local notify = require("abstractllm.notify")

local M = {}

local NAME = "abstractllm"

---@type vim.lsp.Client?
local current
local starting = false
---@type fun(client: vim.lsp.Client)[]
local waiting = {}
---@type table<table, fun(error: table)> whom to tell that an answer will not come
local unanswered = {}

--- The workspace: sessions are kept in its folder `.abstractllm`.
---@return string
function M.root()
  local folder = vim.fn.getcwd()
  return vim.fs.root(folder, { ".abstractllm", ".git" }) or folder
end

---@return vim.lsp.Client? # once it is initialized
function M.running()
  return current
end

local function on_init(client)
  current, starting = client, false
  require("abstractllm.documents").follow(client)
  require("abstractllm.diagnostics").follow()
  require("abstractllm.review").follow()
  local callbacks = waiting
  waiting = {}
  for _, callback in ipairs(callbacks) do
    callback(client)
  end
end

local function on_exit(_, signal, id)
  local stopped = starting or (current and current.id == id)
  if not stopped or vim.v.exiting ~= vim.NIL then
    return
  end
  if starting then
    notify.error("The server did not start; `:checkhealth abstractllm` tells more.")
  end
  local lost = unanswered
  current, starting, waiting, unanswered = nil, false, {}, {}
  require("abstractllm.documents").leave()
  require("abstractllm.approval").forget()
  for _, on_error in pairs(lost) do
    on_error({ message = "The server ended before it answered. Try again; this starts it anew." })
  end
  require("abstractllm.session").on_server_stopped(signal)
end

--- Neovim 0.10 leaves a JSON null out; later ones tell it as `vim.NIL`.
function M.without_nulls(value)
  if type(value) ~= "table" then
    return value
  end
  for key, inner in pairs(value) do
    value[key] = inner ~= vim.NIL and M.without_nulls(inner) or nil
  end
  return value
end

local function on_update(_, params)
  params = M.without_nulls(params)
  require("abstractllm.approval").on_update(params)
  require("abstractllm.session").on_update(params)
  local update = params.update
  if update.kind == "toolCall" and (update.status == "done" or update.status == "failed") then
    require("abstractllm.disk").read_again()
  elseif update.kind == "turnEnded" then
    require("abstractllm.language_servers").tidy()
  end
end

---@return lsp.ClientCapabilities
local function capabilities()
  local own = vim.lsp.protocol.make_client_capabilities()
  own.workspace.workspaceEdit = { -- by `workspace_edit`, which does more than Neovim does
    documentChanges = true,
    resourceOperations = { "create", "rename", "delete" },
    failureHandling = "abort",
  }
  return own
end

---@return table # what this editor can do for our server
local function own_capabilities()
  return {
    panel = true, -- which shows what is under way
    approvals = true,
    saves = true,
    editorQueries = require("abstractllm.queries").KINDS,
  }
end

--- What |vim.lsp.config()| takes.
---@return table
function M.lsp_config()
  return {
    name = NAME,
    cmd = config.options.cmd,
    capabilities = capabilities(),
    init_options = vim.tbl_extend("force", config.options.settings, { capabilities = own_capabilities() }),
    root_dir = function(_, on_dir)
      on_dir(M.root())
    end,
    on_init = on_init,
    on_exit = vim.schedule_wrap(on_exit),
    handlers = vim.tbl_extend("error", require("abstractllm.requests").handlers, {
      ["abstractllm/session/update"] = on_update,
      ["abstractllm/sessions/changed"] = function(_, params)
        require("abstractllm.session").on_changed(M.without_nulls(params))
      end,
      ["window/showMessage"] = function(_, params)
        notify.show_message(params)
      end,
    }),
  }
end

local function start()
  local has_config = vim.fn.has("nvim-0.11") == 1
  local options = vim.deepcopy(has_config and vim.lsp.config[NAME] or M.lsp_config())
  options.root_dir = M.root()
  local program = options.cmd[1]
  if vim.fn.executable(program) == 0 then
    waiting = {}
    require("abstractllm.session").on_server_stopped(0)
    notify.error(("There is no program `%s`; `:help abstractllm-install` tells how to get it."):format(program))
    return
  end
  starting = true
  if has_config then
    vim.lsp.start(options, { attach = false })
  else
    vim.lsp.start_client(options)
  end
end

--- Call back with the running client; start it if need be.
---@param callback fun(client: vim.lsp.Client)
function M.with(callback)
  if current then
    return callback(current)
  end
  table.insert(waiting, callback)
  if not starting then
    start()
  end
end

---@param client vim.lsp.Client
---@param ... any arguments of the method
function M.call(client, method, ...)
  if vim.fn.has("nvim-0.11") == 1 then
    return client[method](client, ...)
  end
  return client[method](...)
end

--- Send a request; without `on_error`, an error's sentence is shown.
---@param method string without the prefix: "session/new"
---@param params table
---@param on_result fun(result: table)
---@param on_error? fun(error: {message: string, data?: {kind: string}})
function M.request(method, params, on_result, on_error)
  on_error = on_error or notify.show_error
  local arguments = next(params) and params or vim.empty_dict()
  M.with(function(client)
    require("abstractllm.documents").flush(client)
    unanswered[params] = on_error
    M.call(client, "request", "abstractllm/" .. method, arguments, function(error, result)
      unanswered[params] = nil
      if error then
        on_error(error)
      else
        on_result(M.without_nulls(result))
      end
    end)
  end)
end

return M
