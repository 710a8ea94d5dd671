#include <huiyin/record/filing.hpp>

#include <algorithm>

namespace huiyin::record {

namespace {

constexpr pg::statement look_up_statement{"record.look_up", R"sql(
    SELECT i.kind, i.value, i.id, i.customer_id, i.state = 'verified', o.channel, o.account, o.id,
           coalesce((SELECT max(e.at) FROM entry e WHERE e.interaction_id = o.id), o.opened_at)
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS q(kind, value, channel, account)
      JOIN identity i ON i.kind = q.kind AND i.value = q.value
      LEFT JOIN interaction o ON o.customer_id = i.customer_id AND o.channel = q.channel AND o.account = q.account
                             AND o.state = 'open')sql"};

constexpr pg::statement insert_customers{"record.insert_customers", R"sql(
    INSERT INTO customer (id, kind, name, created_at)
    SELECT q.id, 'person', q.name, q.at FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS q(id, name, at))sql"};

constexpr pg::statement insert_identities{"record.insert_identities", R"sql(
    INSERT INTO identity (id, customer_id, kind, value, state, created_at)
    SELECT q.id, q.customer_id, q.kind, q.value, CASE WHEN q.verified THEN 'verified' ELSE 'claimed' END, q.at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[])
        AS q(id, customer_id, kind, value, verified, at))sql"};

constexpr pg::statement verify_identities{"record.verify_identities", R"sql(
    UPDATE identity SET state = 'verified' WHERE id = ANY ($1::uuid[]))sql"};

constexpr pg::statement insert_interactions{"record.insert_interactions", R"sql(
    INSERT INTO interaction (id, customer_id, channel, account, direction, state, opened_at, agent_id)
    SELECT q.id, q.customer_id, q.channel, q.account, 'in', 'open', q.at, q.agent
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[])
        AS q(id, customer_id, channel, account, at, agent))sql"};

constexpr pg::statement close_interactions{"record.close_interactions", R"sql(
    UPDATE interaction i SET state = 'closed', closed_at = greatest(q.at, i.opened_at), version = i.version + 1
      FROM unnest($1::uuid[], $2::timestamptz[]) AS q(id, at)
     WHERE i.id = q.id AND i.state = 'open')sql"};

constexpr pg::statement limit_lock_wait{"record.limit_lock_wait", "SELECT set_config('lock_timeout', '3s', true)"};

// unnest keeps the order of the array, so the locks are taken in it.
constexpr pg::statement lock_statement{"record.lock_identities",
                                       "SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k"};

} // namespace

void filing::look_up(pg::batch& to, const std::vector<const correspondent*>& all)
{
    std::vector<std::string> kinds, values, channels, accounts;
    for (const auto* who : all)
        for (const auto& given : who->identities) {
            kinds.emplace_back(to_string(given.what.kind));
            values.push_back(given.what.value);
            channels.push_back(who->channel);
            accounts.push_back(who->account);
        }
    to.add(look_up_statement, pg::params(kinds, values, channels, accounts));
}

filing::filing(const pg::rows& looked_up)
{
    for (const auto row : looked_up) {
        const identity what{parse_identity_kind(row.get<std::string_view>(0)).value(), row.get<std::string>(1)};
        const auto customer = row.get<customer_id>(3);
        identities_[what] = known_identity{.id = row.get<identity_id>(2),
                                           .customer = customer,
                                           .verified = row.get<bool>(4),
                                           .created = false,
                                           .promoted = false,
                                           .at = {}};
        if (!row.is_null(7))
            conversations_[{customer, row.get<std::string>(5), row.get<std::string>(6)}] =
                conversation{.id = row.get<interaction_id>(7), .created = false, .at = row.get<instant>(8)};
    }
}

std::optional<customer_id> filing::customer_of(const correspondent& who) const
{
    for (const bool proven : {true, false})
        for (const auto& given : who.identities)
            if (given.proven == proven)
                if (const auto known = identities_.find(given.what); known != identities_.end())
                    return known->second.customer;
    return std::nullopt;
}

filed filing::propose(const correspondent& who) const
{
    filed out;
    const auto known_customer = customer_of(who);
    out.customer = known_customer.value_or(customer_id());
    out.new_customer = !known_customer;
    if (out.new_customer) out.customer = customer_id::make();

    for (const auto& given : who.identities) {
        const auto known = identities_.find(given.what);
        if (known == identities_.end()) {
            if (given.proven || out.new_customer)
                out.changed_identities.push_back({identity_id::make(), given.what, given.proven});
        } else if (given.proven && !known->second.verified && known->second.customer == out.customer) {
            out.changed_identities.push_back({known->second.id, given.what, true});
        }
    }

    const auto open = conversations_.find({out.customer, who.channel, who.account});
    const bool idle =
        open != conversations_.end() && !open->second.created && who.at - open->second.at > conversation_idle;
    if (idle) out.closed_interaction = open->second.id;
    out.new_interaction = idle || open == conversations_.end();
    out.interaction = out.new_interaction ? interaction_id::make() : open->second.id;
    return out;
}

void filing::keep(const correspondent& who, const filed& where)
{
    if (where.new_customer) customers_.push_back({where.customer, who.name, who.at});
    for (const auto& [id, what, verified] : where.changed_identities) {
        auto& known = identities_[what];
        if (known.id.is_nil())
            known = {.id = id,
                     .customer = where.customer,
                     .verified = verified,
                     .created = true,
                     .promoted = false,
                     .at = who.at};
        else if (verified && !known.verified) {
            known.verified = true;
            known.promoted = !known.created;
        }
    }
    if (where.closed_interaction) closed_.emplace_back(*where.closed_interaction, who.at);
    if (where.new_interaction)
        conversations_[{where.customer, who.channel, who.account}] = {
            .id = where.interaction, .created = true, .at = who.at, .taken_by = who.taken_by};
}

void filing::write(pg::batch& to) const
{
    if (!customers_.empty()) {
        std::vector<customer_id> ids;
        std::vector<std::string> names;
        std::vector<instant> times;
        for (const auto& each : customers_) {
            ids.push_back(each.id);
            names.push_back(each.name);
            times.push_back(each.at);
        }
        to.add(insert_customers, pg::params(ids, names, times));
    }

    std::vector<identity_id> ids, promoted;
    std::vector<customer_id> customers;
    std::vector<std::string> kinds, values;
    std::vector<bool> verified;
    std::vector<instant> times;
    // The map is in key order: two that insert the same ones wait for each other at most one way.
    for (const auto& [what, known] : identities_) {
        if (known.promoted) promoted.push_back(known.id);
        if (!known.created) continue;
        ids.push_back(known.id);
        customers.push_back(known.customer);
        kinds.emplace_back(to_string(what.kind));
        values.push_back(what.value);
        verified.push_back(known.verified);
        times.push_back(known.at);
    }
    if (!ids.empty()) to.add(insert_identities, pg::params(ids, customers, kinds, values, verified, times));
    std::ranges::sort(promoted);
    if (!promoted.empty()) to.add(verify_identities, pg::params(promoted));

    if (!closed_.empty()) {
        std::vector<interaction_id> over;
        std::vector<instant> since;
        for (const auto& [id, at] : closed_) {
            over.push_back(id);
            since.push_back(at);
        }
        to.add(close_interactions, pg::params(over, since));
    }

    std::vector<interaction_id> interactions;
    std::vector<customer_id> whose;
    std::vector<std::string> channels, accounts;
    std::vector<instant> opened;
    std::vector<std::optional<user_id>> takers;
    for (const auto& [key, open] : conversations_) {
        if (!open.created) continue;
        interactions.push_back(open.id);
        whose.push_back(std::get<0>(key));
        channels.push_back(std::get<1>(key));
        accounts.push_back(std::get<2>(key));
        opened.push_back(open.at);
        takers.push_back(open.taken_by);
    }
    if (!interactions.empty())
        to.add(insert_interactions, pg::params(interactions, whose, channels, accounts, opened, takers));
}

std::vector<std::int64_t> lock_keys(const correspondent& who)
{
    std::vector<std::int64_t> keys;
    for (const auto& given : who.identities)
        keys.push_back(lock_key(given.what));
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    return keys;
}

void lock_identities(pg::batch& to, const std::vector<std::int64_t>& sorted_keys)
{
    to.add(limit_lock_wait).add(lock_statement, pg::params(sorted_keys));
}

task<result<filed>> file(pg::transaction& in, const correspondent& who)
{
    pg::batch first;
    lock_identities(first, lock_keys(who));
    filing::look_up(first, {&who});
    auto found = co_await in.run(std::move(first));
    if (!found) co_return fail(found.error());
    filing plan(found->back());
    auto done = plan.propose(who);
    plan.keep(who, done);
    pg::batch writes;
    plan.write(writes);
    if (!writes.empty())
        if (auto written = co_await in.run(std::move(writes)); !written) co_return fail(written.error());
    co_return done;
}

} // namespace huiyin::record
