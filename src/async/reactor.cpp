#include <huiyin/async/reactor.hpp>
#include <huiyin/base/log.hpp>

namespace huiyin {

reactor::reactor(std::size_t index) : index_(index), context_(1), work_(context_.get_executor()) {}
reactor::~reactor() = default;

void reactor::run()
{
    for (;;) {
        try {
            context_.run();
            return;
        } catch (const std::exception& e) {
            log::error("reactor.exception", {{"reactor", index_}, {"reason", e.what()}});
        }
    }
}

void reactor::stop()
{
    work_.reset();
    context_.stop();
}

reactor_pool::reactor_pool(std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        reactors_.push_back(std::make_unique<reactor>(i));
}

reactor_pool::~reactor_pool()
{
    stop();
}

void reactor_pool::run()
{
    for (std::size_t i = 1; i < reactors_.size(); ++i)
        threads_.emplace_back([this, i]() { reactors_[i]->run(); });
    reactors_[0]->run();
    threads_.clear();
}

void reactor_pool::stop()
{
    for (auto& each : reactors_)
        each->stop();
}

} // namespace huiyin
