#include <huiyin/api/viewers.hpp>
#include <huiyin/net/websocket.hpp>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::api {

using nlohmann::json;
using namespace std::chrono_literals;

void look_exchange::join(executor on, std::weak_ptr<viewers> who)
{
    const auto* const key = who.lock().get();
    const std::lock_guard held(lock_);
    members_.push_back({std::move(on), std::move(who), key});
}

void look_exchange::leave(const viewers* who)
{
    const std::lock_guard held(lock_);
    std::erase_if(members_, [&](const member& each) { return each.key == who; });
}

void look_exchange::tell(const std::shared_ptr<const look>& news)
{
    // Under the lock: nobody leaves, and takes his reactor along, while he is told.
    const std::lock_guard held(lock_);
    for (const auto& each : members_)
        asio::post(each.on, [who = each.who, news]() {
            if (const auto here = who.lock()) here->take(*news);
        });
}

std::uint64_t look_exchange::next_socket()
{
    const std::lock_guard held(lock_);
    return ++sockets_;
}

viewers::~viewers()
{
    exchange_->leave(this);
}

void viewers::join(executor on)
{
    exchange_->join(std::move(on), weak_from_this());
}

task<> viewers::run()
{
    for (;;) {
        co_await pause_for(1s);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        sweep();
    }
}

void viewers::look_at(std::uint64_t socket, std::shared_ptr<net::websocket> to, ticket_id ticket, user_id user,
                      std::string name, std::string what)
{
    if (const auto it = sockets_.find(socket); it != sockets_.end() && it->second.said->ticket != ticket)
        look_away(socket);
    auto said = std::make_shared<const look>(look{socket, ticket, user, std::move(name), std::move(what), false});
    sockets_.insert_or_assign(socket, local_socket{std::move(to), said});
    exchange_->tell(said);
}

void viewers::look_away(std::uint64_t socket)
{
    const auto it = sockets_.find(socket);
    if (it == sockets_.end()) return;
    auto gone = *it->second.said;
    gone.gone = true;
    sockets_.erase(it);
    exchange_->tell(std::make_shared<const look>(std::move(gone)));
}

void viewers::take(const look& news)
{
    auto& here = seen_[news.ticket];
    const auto known = here.find(news.socket);
    bool changed = false;
    if (news.gone) {
        if (known != here.end()) {
            here.erase(known);
            --looks_;
            changed = true;
        }
    } else if (known != here.end()) {
        changed = known->second.what.what != news.what;
        known->second = {news, std::chrono::steady_clock::now() + looks_live};
    } else if (looks_ < most_looks) {
        here.emplace(news.socket, seen_look{news, std::chrono::steady_clock::now() + looks_live});
        ++looks_;
        changed = true;
    }
    if (here.empty()) seen_.erase(news.ticket);
    if (changed) show(news.ticket);
}

void viewers::sweep()
{
    const auto now = std::chrono::steady_clock::now();
    std::vector<ticket_id> changed;
    for (auto it = seen_.begin(); it != seen_.end();) {
        const auto expired = std::erase_if(it->second, [&](const auto& each) { return each.second.until <= now; });
        looks_ -= expired;
        if (expired > 0) changed.push_back(it->first);
        it = it->second.empty() ? seen_.erase(it) : std::next(it);
    }
    // Whoever has said nothing for so long does not look any more.
    std::erase_if(sockets_, [&](const auto& each) {
        const auto& said = *each.second.said;
        const auto ticket = seen_.find(said.ticket);
        return (ticket == seen_.end() || !ticket->second.contains(each.first)) &&
               std::ranges::find(changed, said.ticket) != changed.end();
    });
    for (const auto& each : changed)
        show(each);
}

/// To each socket here that looks at it: the others who do.
void viewers::show(const ticket_id& ticket)
{
    const auto seen = seen_.find(ticket);
    for (const auto& [socket, local] : sockets_) {
        if (local.said->ticket != ticket) continue;
        std::map<user_id, const look*> others;
        if (seen != seen_.end())
            for (const auto& [from, each] : seen->second) {
                if (each.what.user == local.said->user) continue;
                auto& known = others[each.what.user];
                // Of several windows of one person the one in which he writes.
                if (!known || known->what == "viewing") known = &each.what;
            }
        json users = json::array();
        for (const auto& [id, each] : others) {
            if (users.size() == most_shown) break;
            users.push_back({{"id", id.to_string()}, {"name", each->name}, {"what", each->what}});
        }
        const json message{{"kind", "presence"}, {"subject", ticket.to_string()}, {"users", std::move(users)}};
        local.to->send(std::make_shared<const std::string>(message.dump()));
    }
}

} // namespace huiyin::api
