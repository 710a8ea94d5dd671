#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/identity.hpp>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace huiyin::record {

struct given_identity
{
    identity what;
    /// The channel vouches for it; otherwise it was typed and proves nothing.
    bool proven = false;
};

/// Who turned to us, where, and when.
struct correspondent
{
    /// At least one, the one to go by first: phone before e-mail.
    std::vector<given_identity> identities;
    /// For a new customer.
    std::string name;
    std::string channel;
    /// Of the channel: the mailbox, the hotline, the form.
    std::string account;
    instant at;
    /// Who of the house took it down; empty where the customer wrote himself.
    std::optional<user_id> taken_by = std::nullopt;
};

struct filed
{
    customer_id customer;
    interaction_id interaction;
    bool new_customer = false;
    bool new_interaction = false;
    /// The open conversation that ends because nothing was said in it for so long.
    std::optional<interaction_id> closed_interaction;
    struct known_as
    {
        identity_id id;
        identity what;
        bool verified = false;
    };
    /// Identities that this filing creates or proves.
    std::vector<known_as> changed_identities;
};

/// After so long without a word a conversation is over.
inline constexpr auto conversation_idle = std::chrono::days(30);

/// Files correspondents under customers and conversations: looks all up at once, plans in memory, writes set-based.
/// - The customer is the one a proven identity names, else the one that the first known identity names, else a new one.
/// - A proven identity is kept as verified with that customer unless it is another customer's. A typed one is kept (as
///   claimed) only with the customer it helped to create: nobody can hang his own address on someone else's record.
/// - The conversation is the customer's open one on that channel and account, or a new one. One without a word for
///   `conversation_idle` ends when the customer turns to us again.
/// Two that file the same identity at once must be kept apart by its advisory lock (`lock_key`), held until the commit.
/// The database refuses what still slips through (`identity_key`, `interaction_one_open`): plan it anew.
class filing
{
public:
    /// One statement; run it after the locks were had.
    static void look_up(pg::batch& to, const std::vector<const correspondent*>& all);
    explicit filing(const pg::rows& looked_up);

    /// Where it belongs; sees what was kept before, changes nothing.
    filed propose(const correspondent& who) const;
    /// Plans what `propose` said of the same correspondent.
    void keep(const correspondent& who, const filed& where);
    /// The customer it would be filed under, where there is one.
    std::optional<customer_id> customer_of(const correspondent& who) const;

    /// At most five statements, whatever the number of correspondents.
    void write(pg::batch& to) const;

private:
    struct known_identity
    {
        identity_id id;
        customer_id customer;
        bool verified = false;
        bool created = false;
        bool promoted = false;
        instant at;
    };
    struct new_customer
    {
        customer_id id;
        std::string name;
        instant at;
    };
    struct conversation
    {
        interaction_id id;
        bool created = false;
        /// Opened; of one that was there already, when something was last said in it.
        instant at;
        std::optional<user_id> taken_by = std::nullopt;
    };
    using conversation_key = std::tuple<customer_id, std::string, std::string>;

    std::map<identity, known_identity> identities_;
    std::map<conversation_key, conversation> conversations_;
    std::vector<new_customer> customers_;
    std::vector<std::pair<interaction_id, instant>> closed_;
};

/// Sorted and without repeats: what to lock, in this order, before `look_up`.
std::vector<std::int64_t> lock_keys(const correspondent& who);

/// Waits (at most 3 s: `unavailable`) for the locks of these keys, which must be sorted.
void lock_identities(pg::batch& to, const std::vector<std::int64_t>& sorted_keys);

/// Files one, waiting for its locks; for what does not go through intake. The caller commits.
/// `constraint_violated` on `interaction_one_open` says that another identity of the same customer came in between:
/// again.
task<result<filed>> file(pg::transaction& in, const correspondent& who);

} // namespace huiyin::record
