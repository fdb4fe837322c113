-- A language server that runs inside Neovim and says what a test has written for it.
--
--   serve { name, encoding, capabilities, answers = { [method] = result } }
--
-- An answer "never" does not come; one with `error` is an error.

local Servers = {}

local function answer_of(script, method, callback)
  local answer = script.answers[method]
  if answer == "never" then
    return
  end
  vim.schedule(function()
    if type(answer) == "table" and answer.error then
      return callback({ code = -32603, message = answer.error }, nil)
    end
    callback(nil, answer)
  end)
end

local function connection(script)
  return function(dispatchers)
    local is_closing, last = false, 0
    local function close()
      if not is_closing then
        is_closing = true
        vim.schedule(function()
          dispatchers.on_exit(0, 0)
        end)
      end
    end
    return {
      request = function(method, params, callback)
        last = last + 1
        table.insert(script.asked, { method = method, params = params })
        if method == "initialize" then
          local capabilities = vim.tbl_extend("force", {
            positionEncoding = script.encoding,
            textDocumentSync = { openClose = true, change = 1 },
          }, script.capabilities or {})
          callback(nil, { capabilities = capabilities })
        elseif method == "shutdown" then
          callback(nil, nil)
        else
          answer_of(script, method, callback)
        end
        return true, last
      end,
      notify = function(method, params)
        table.insert(script.asked, { method = method, params = params })
        local on = script.on and script.on[method]
        if on then
          vim.schedule(function()
            dispatchers.notification("textDocument/publishDiagnostics", on)
          end)
        end
        if method == "exit" then
          close()
        end
        return true
      end,
      is_closing = function()
        return is_closing
      end,
      terminate = close,
    }
  end
end

--- Start one and attach it to the current buffer.
local function serve(script)
  script.asked = {}
  Servers[script.name] = script
  vim.lsp.start({
    name = script.name,
    cmd = connection(script),
    root_dir = vim.fn.getcwd(),
  })
end

return { serve = serve, servers = Servers }
