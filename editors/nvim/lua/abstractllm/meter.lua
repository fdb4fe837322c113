--- How full the model's context is, and what the session cost until now.
local M = {}

---@param tokens integer
local function short(tokens)
  if tokens < 1000 then
    return tostring(tokens)
  elseif tokens < 10000 then
    return ("%.1f k"):format(tokens / 1000)
  end
  return ("%.0f k"):format(tokens / 1000)
end

---@param info? table as lists tell of a session
---@return string # like `12 k of 200 k · $0.04`; what is not known is left out
function M.line(info)
  local context, cost = info and info.context, info and info.cost
  local parts = {}
  if context then
    local used = (context.estimated and "~" or "") .. short(context.used)
    table.insert(parts, context.window and ("%s of %s"):format(used, short(context.window)) or used .. " tokens")
  end
  if cost and cost.amount > 0 then
    local digits = cost.amount < 0.01 and "%.4f" or "%.2f"
    table.insert(parts, (cost.incomplete and "≥ $" or "$") .. digits:format(cost.amount))
  end
  return table.concat(parts, " · ")
end

return M
