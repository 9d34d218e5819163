/**
 * What must happen as one in Redis (and in Valkey: Lua 5.1). Every script has the list of events as its only key; the others begin with its name:
 *
 *     :taken:<worker>  list   events in a worker's hands            :later    sorted set  events that failed, by when they come again
 *     :alive:<worker>  text   ends a while after the worker did     :tries    hash        event id → how often it failed
 *     :workers         set    who has, or had, a list               :dead     list        dead letters
 *     :busy            hash   MAC or address → worker               :notes    hash        MAC → note
 *     :promised        hash   event id → what is to be told of it   :shipped  hash        spool → its last shipment
 */
const common = `
  local key = KEYS[1]
  local function takenBy(worker) return key .. ':taken:' .. worker end
  local function free(worker, names)
    for _, name in ipairs(names) do
      if redis.call('HGET', key .. ':busy', name) == worker then redis.call('HDEL', key .. ':busy', name) end
    end
  end
  local function pushBack(worker, entries)
    for i = #entries, 1, -1 do
      if redis.call('LREM', takenBy(worker), 1, entries[i]) > 0 then redis.call('LPUSH', key, entries[i]) end
    end
  end
  local function handBack(worker)
    pushBack(worker, redis.call('LRANGE', takenBy(worker), 0, -1))
    local busy = redis.call('HGETALL', key .. ':busy')
    for i = 1, #busy, 2 do if busy[i + 1] == worker then redis.call('HDEL', key .. ':busy', busy[i]) end end
  end
  local function namesOf(entry)
    local ok, event = pcall(cjson.decode, entry)
    if not ok or type(event) ~= 'table' or type(event.data) ~= 'table' then return nil end
    local mac, address = event.data.mac, event.data.address
    if type(mac) ~= 'string' or type(address) ~= 'string' then return nil end
    return { mac, address }, tostring(event.id)
  end
  local function bury(letter)
    letter.id = tostring(redis.call('INCR', key .. ':letters'))
    redis.call('RPUSH', key .. ':dead', cjson.encode(letter))
  end
`;

const alive = `${common}
  redis.call('SADD', key .. ':workers', ARGV[1])
  redis.call('SET', key .. ':alive:' .. ARGV[1], '1', 'PX', ARGV[2])
  return 1`;

/** Whoever takes has nothing in hand: what is still on its list was left there by a Redis that went away, and comes first. */
const take = `${common}
  local me, most, now = ARGV[1], tonumber(ARGV[2]), ARGV[3]
  for _, worker in ipairs(redis.call('SMEMBERS', key .. ':workers')) do
    if worker == me or redis.call('EXISTS', key .. ':alive:' .. worker) == 0 then
      handBack(worker)
      if worker ~= me then redis.call('SREM', key .. ':workers', worker) end
    end
  end
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', key .. ':later', '-inf', now)) do
    redis.call('ZREM', key .. ':later', entry)
    redis.call('RPUSH', key, entry)
  end
  local found, left, looks = {}, {}, 0
  while #found < most and looks < most * 2 do
    local entry = redis.call('LPOP', key)
    if not entry then break end
    looks = looks + 1
    local names, id = namesOf(entry)
    if not names then
      bury({ at = '', reason = 'it is no lease event', tries = 1, entry = entry })
    else
      local busy = false
      for _, name in ipairs(names) do
        local by = redis.call('HGET', key .. ':busy', name)
        if by and by ~= me then busy = true end
      end
      if busy then left[#left + 1] = entry
      else
        for _, name in ipairs(names) do redis.call('HSET', key .. ':busy', name, me) end
        redis.call('RPUSH', takenBy(me), entry)
        found[#found + 1] = { entry, redis.call('HGET', key .. ':tries', id) or '0' }
      end
    end
  end
  for i = #left, 1, -1 do redis.call('LPUSH', key, left[i]) end
  return found`;

const promise = `${common}
  for i = 1, #ARGV, 2 do redis.call('HSET', key .. ':promised', ARGV[i], ARGV[i + 1]) end
  return 1`;

/** What was promised of an event is told now, also when an earlier worker promised it and was killed. */
const settle = `${common}
  local me, lists = ARGV[1], cjson.decode(ARGV[2])
  for _, done in ipairs(cjson.decode(ARGV[4])) do
    redis.call('LREM', takenBy(me), 1, done.entry)
    redis.call('HDEL', key .. ':tries', done.id)
    if done.note then redis.call('HSET', key .. ':notes', done.mac, done.note) end
    local text = redis.call('HGET', key .. ':promised', done.id)
    if text then
      for _, list in ipairs(lists) do redis.call('RPUSH', list, text) end
      redis.call('HDEL', key .. ':promised', done.id)
    end
  end
  free(me, cjson.decode(ARGV[3]))
  return 1`;

const giveBack = `${common}
  pushBack(ARGV[1], cjson.decode(ARGV[3]))
  free(ARGV[1], cjson.decode(ARGV[2]))
  return 1`;

/** What failed did not happen: nothing of it is told. */
const fail = `${common}
  local me = ARGV[1]
  for _, fate in ipairs(cjson.decode(ARGV[3])) do
    redis.call('LREM', takenBy(me), 1, fate.entry)
    redis.call('HDEL', key .. ':promised', fate.id)
    if fate.letter then
      bury(cjson.decode(fate.letter))
      redis.call('HDEL', key .. ':tries', fate.id)
    else
      redis.call('HSET', key .. ':tries', fate.id, fate.tries)
      redis.call('ZADD', key .. ':later', fate.notBefore, fate.entry)
    end
  end
  free(me, cjson.decode(ARGV[2]))
  return 1`;

const leave = `${common}
  handBack(ARGV[1])
  redis.call('DEL', key .. ':alive:' .. ARGV[1])
  redis.call('SREM', key .. ':workers', ARGV[1])
  return 1`;

/** `what(letter)` says whether a letter of these ids goes. */
const forLetters = (what: string) => `${common}
  local wanted, gone = {}, 0
  for _, id in ipairs(ARGV) do wanted[id] = true end
  for _, text in ipairs(redis.call('LRANGE', key .. ':dead', 0, -1)) do
    local ok, letter = pcall(cjson.decode, text)
    if ok and wanted[letter.id] then
      local goes = true
      ${what}
      if goes then gone = gone + redis.call('LREM', key .. ':dead', 1, text) end
    end
  end
  return gone`;

const retry = forLetters(`
      goes = namesOf(letter.entry) ~= nil
      if goes then redis.call('RPUSH', key, letter.entry) end`);

const drop = forLetters('');

/**
 * A page of a spool, once: a shipment whose answer was lost is known by its name. Gives the last shipment that arrived.
 *
 * ARGV: spool, the name of the shipment before, of this one, the cursor behind it, letters of what is no event, events.
 */
const ship = `${common}
  local spool, before, name, cursor = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
  local last = redis.call('HGET', key .. ':shipped', spool)
  if last then
    local known = cjson.decode(last)
    if known.name ~= before then return last end
  end
  for _, entry in ipairs(cjson.decode(ARGV[6])) do redis.call('RPUSH', key, entry) end
  for _, letter in ipairs(cjson.decode(ARGV[5])) do bury(letter) end
  local shipped = cjson.encode({ name = name, cursor = cursor })
  redis.call('HSET', key .. ':shipped', spool, shipped)
  return shipped`;

export const scripts = { alive, take, promise, settle, giveBack, fail, leave, retry, drop, ship } as const;
