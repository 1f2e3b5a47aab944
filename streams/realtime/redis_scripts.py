"""What Redis does in one go. Numbers stay text where they could pass 2^53."""

from streams.realtime.redis_link import Script

PUBLISH = Script("""
-- keys: meta, stream, answer   arguments: blob, size, ttl (ms), meta ttl (s), topic,
-- epoch of a new stream, version, version epoch, answer's ttl (s; 0: not kept)
local meta, stream, answer = KEYS[1], KEYS[2], KEYS[3]
local blob, size, ttl, meta_ttl, topic = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local fresh, version, version_epoch, answer_ttl = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

if answer_ttl ~= '0' then
  local known = redis.call('HMGET', answer, 'o', 'e')
  if known[1] then return known end
end

local offset, epoch = '0', ''
local outdated = false
if size ~= '0' then
  local at = redis.call('HMGET', meta, 'e', 's', 'v', 've')
  epoch = at[1]
  if not epoch then
    epoch = fresh
    redis.call('HSET', meta, 'e', epoch)
  end
  if version ~= '0' and (version_epoch == '' or version_epoch == (at[4] or '')) then
    local newest = at[3] or '0'
    outdated = #version < #newest or (#version == #newest and version <= newest)
  end
  if outdated then
    offset = at[2] or '0'
  else
    offset = tostring(redis.call('HINCRBY', meta, 's', 1))
    if #offset > 14 then offset = redis.call('HGET', meta, 's') end
    if version ~= '0' then redis.call('HSET', meta, 'v', version, 've', version_epoch) end
    if offset == '1' then redis.call('DEL', stream) end
    redis.call('XADD', stream, 'MAXLEN', size, offset, 'd', blob)
    redis.call('PEXPIRE', stream, ttl)
  end
  redis.call('EXPIRE', meta, meta_ttl)
end
if not outdated then redis.call('PUBLISH', topic, offset .. ':' .. epoch .. ':' .. blob) end
if answer_ttl ~= '0' then
  redis.call('HSET', answer, 'o', offset, 'e', epoch)
  redis.call('EXPIRE', answer, answer_ttl)
end
return {offset, epoch}
""")

HISTORY = Script("""
-- keys: meta, stream   arguments: epoch of a new stream, meta ttl (s), from, limit, reverse
local meta, stream = KEYS[1], KEYS[2]
local fresh, meta_ttl, from, limit, reverse = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local at = redis.call('HMGET', meta, 'e', 's')
local epoch = at[1]
if not epoch then
  epoch = fresh
  redis.call('HSET', meta, 'e', epoch)
  redis.call('DEL', stream)
end
redis.call('EXPIRE', meta, meta_ttl)
local found = {}
if limit ~= '0' then
  local command = {'XRANGE', stream, from == '' and '-' or from, '+'}
  if reverse == '1' then command = {'XREVRANGE', stream, from == '' and '+' or from, '-'} end
  if limit ~= '-1' then
    command[5] = 'COUNT'
    command[6] = limit
  end
  found = redis.call(unpack(command))
end
return {at[2] or '0', epoch, found}
""")

COUNT = Script("""
-- keys: counts by node   arguments: what the names of the nodes' user sets begin with
local all = redis.call('HGETALL', KEYS[1])
local clients, sets = 0, {}
for i = 1, #all, 2 do
  local set = ARGV[1] .. all[i]
  if redis.call('EXISTS', set) == 1 then
    clients = clients + tonumber(all[i + 1])
    sets[#sets + 1] = set
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
local users = 0
if #sets == 1 then
  users = redis.call('SCARD', sets[1])
elseif #sets > 1 then
  users = #redis.call('SUNION', unpack(sets))
end
return {clients, users}
""")
