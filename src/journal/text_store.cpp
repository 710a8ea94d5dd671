#include <huiyin/base/text.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/event.hpp>

namespace huiyin::journal {

namespace {

constexpr pg::statement store_texts{"journal.store_texts", R"sql(
    INSERT INTO text (id, customer_id, salt, body)
    SELECT id, customer_id, decode(salt, 'hex'), body
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS given(id, customer_id, salt, body))sql"};

constexpr pg::statement erase_texts_of{"journal.erase_texts", R"sql(
    WITH gone AS (
        UPDATE text SET salt = NULL, body = NULL, erased_at = $4::timestamptz, erased_by = $6::uuid
         WHERE customer_id = $1::uuid AND erased_at IS NULL
        RETURNING id),
    numbered AS (SELECT id, (row_number() OVER (ORDER BY id) - 1) / 1000 AS share FROM gone),
    told AS (
        INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, assignee, confidential, data)
        SELECT gen_random_uuid(), $4, $2::text, $1, $3::bigint, $5::text, $6, '{}'::uuid[], NULL::uuid, false,
               jsonb_build_object('texts', jsonb_agg(id ORDER BY id))
          FROM numbered GROUP BY share ORDER BY share)
    SELECT count(*) FROM gone)sql"};

std::string_view as_text(const std::vector<std::uint8_t>& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

sha256_digest words::digest() const
{
    return sha256({as_text(salt), body});
}

void store(pg::batch& to, const std::vector<owned_words>& texts)
{
    if (texts.empty()) return;
    std::vector<text_id> ids;
    std::vector<std::optional<customer_id>> customers;
    std::vector<std::string> salts, bodies;
    for (const auto& [words, customer] : texts) {
        ids.push_back(words.id);
        customers.push_back(customer.is_nil() ? std::nullopt : std::optional(customer));
        salts.push_back(to_hex(words.salt));
        bodies.push_back(words.body);
    }
    to.add(store_texts, pg::params(ids, customers, salts, bodies));
}

void store(pg::batch& to, const std::vector<words>& texts, customer_id customer)
{
    std::vector<owned_words> owned;
    owned.reserve(texts.size());
    for (const auto& each : texts)
        owned.push_back({each, customer});
    store(to, owned);
}

void erase_texts(pg::batch& to, const erasure& what)
{
    to.add(erase_texts_of, pg::params(what.customer, text_erased, what.customer_version, what.at,
                                      domain::to_string(what.by_kind), what.by));
}

} // namespace huiyin::journal
