--- Keeps the server's copies of all files and untitled buffers up to date.
local M = {}

local GROUP = "abstractllm.documents"

---@type table<integer, integer> the changedtick that was sent, by untitled buffer
local untitled = {}
---@type table<integer, integer> by which the server knows the text of now, by buffer
local versions = {}
---@type table<integer, boolean> the buffers whose changes are counted
local followed = {}

---@param buffer integer
---@return boolean # whether it holds a file, or text that may become one
function M.is_document(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  return vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == "" and not name:find("^%a[%w+.-]+://")
end

local function is_untitled(buffer)
  return M.is_document(buffer) and vim.api.nvim_buf_get_name(buffer) == ""
end

---@param buffer integer
---@return string
function M.uri(buffer)
  if is_untitled(buffer) then
    return ("untitled:Untitled-%d"):format(buffer)
  end
  return vim.uri_from_bufnr(buffer)
end

---@param uri string
---@return integer? # its buffer, which need not be loaded; made for a file that has none
function M.buffer(uri)
  local number = tonumber(uri:match("^untitled:Untitled%-(%d+)$"))
  if number then
    return vim.api.nvim_buf_is_valid(number) and number or nil
  end
  -- What is no file may be fetched by an autocommand of somebody else.
  return uri:find("^file:") and vim.fn.bufadd(vim.uri_to_fname(uri)) or nil
end

--- Return the version by which the server knows a buffer's text of now.
---@param buffer integer
---@return integer? # nothing where it is not open at the server
function M.version(buffer)
  if is_untitled(buffer) then
    return vim.api.nvim_buf_get_changedtick(buffer)
  end
  return versions[buffer]
end

local function notify(client, method, params)
  require("abstractllm.client").call(client, "notify", "textDocument/" .. method, params)
end

local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end

-- Neovim gives every buffer without a name the same URI; so these are sent from here.
local function send_untitled(client, buffer)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  if untitled[buffer] == tick then
    return
  end
  local document = { uri = M.uri(buffer), version = tick }
  if untitled[buffer] then
    notify(client, "didChange", { textDocument = document, contentChanges = { { text = text_of(buffer) } } })
  else
    document.languageId = vim.bo[buffer].filetype
    document.text = text_of(buffer)
    notify(client, "didOpen", { textDocument = document })
  end
  untitled[buffer] = tick
end

local function forget_untitled(client, buffer)
  if untitled[buffer] then
    untitled[buffer] = nil
    notify(client, "didClose", { textDocument = { uri = ("untitled:Untitled-%d"):format(buffer) } })
  end
end

-- Neovim's own note of the version is set back by 0.10 when another client attaches.
local function follow_version(buffer)
  versions[buffer] = vim.lsp.util.buf_versions[buffer]
  if followed[buffer] then
    return
  end
  followed[buffer] = vim.api.nvim_buf_attach(buffer, false, {
    on_lines = function(_, _, tick)
      versions[buffer] = versions[buffer] and tick
    end,
    on_reload = function()
      versions[buffer] = versions[buffer] and vim.lsp.util.buf_versions[buffer]
    end,
    on_detach = function()
      versions[buffer], followed[buffer] = nil, nil
    end,
  })
end

--- A file has another name, by which Neovim has opened it at the server.
---@param buffer integer
function M.renamed(buffer)
  versions[buffer] = versions[buffer] and vim.lsp.util.buf_versions[buffer]
end

local function attach(client, buffer)
  if not M.is_document(buffer) then
    return
  elseif is_untitled(buffer) then
    return send_untitled(client, buffer)
  end
  forget_untitled(client, buffer)
  if not vim.lsp.buf_is_attached(buffer, client.id) then
    vim.lsp.buf_attach_client(buffer, client.id)
    versions[buffer] = nil
  end
  if not versions[buffer] then
    follow_version(buffer)
  end
end

--- Send what is not sent yet.
---@param client vim.lsp.Client
function M.flush(client)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if is_untitled(buffer) then
      send_untitled(client, buffer)
    end
  end
end

--- Send what Neovim holds back for a moment, to send more at once.
---@param client vim.lsp.Client
function M.catch_up(client)
  require("abstractllm.client").call(client, "notify", "$/setTrace", { value = "off" }) -- says nothing new
end

--- Send all of a buffer, as no change of its lines tells of a newline at its end.
---@param client vim.lsp.Client
---@param buffer integer
function M.send_again(client, buffer)
  M.catch_up(client)
  local ending = ({ dos = "\r\n", mac = "\r" })[vim.bo[buffer].fileformat] or "\n"
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), ending)
  notify(client, "didChange", {
    textDocument = { uri = M.uri(buffer), version = M.version(buffer) },
    contentChanges = { { text = text .. (vim.bo[buffer].endofline and ending or "") } },
  })
end

--- Open all documents of today and of tomorrow at a server that has just started.
---@param client vim.lsp.Client
function M.follow(client)
  untitled, versions = {}, {}
  vim.iter(vim.api.nvim_list_bufs()):each(function(buffer)
    attach(client, buffer)
  end)
  local group = vim.api.nvim_create_augroup(GROUP, {})
  vim.api.nvim_create_autocmd(
    { "BufReadPost", "BufNewFile", "BufEnter", "BufFilePost", "BufWritePost", "TextChanged", "InsertLeave" },
    {
      group = group,
      callback = function(event)
        attach(client, event.buf)
      end,
    }
  )
  vim.api.nvim_create_autocmd("BufUnload", {
    group = group,
    callback = function(event)
      forget_untitled(client, event.buf)
    end,
  })
end

--- The server has ended.
function M.leave()
  versions = {}
  vim.api.nvim_create_augroup(GROUP, {})
end

return M
