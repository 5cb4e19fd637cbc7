#include "http/password_hasher.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <array>
#include <memory>
#include <utility>

namespace troupe::http {

namespace {

/// Empty when the setting is none that this system's crypt knows.
std::string crypt_with(const std::string& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB
  const char* made = crypt_r(password.c_str(), setting.c_str(), data.get());
  // crypt(5): a failure is a text that begins with '*'.
  std::string hash = made == nullptr || made[0] == '*' ? std::string() : made;
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return hash;
}

bool fits(const std::string& password) {
  return password.size() <= password_bytes_max && password.find('\0') == std::string::npos;
}

}  // namespace

password_hasher::password_hasher(settings s) : settings_(s) {
  for (std::size_t i = 0; i < settings_.threads; ++i) threads_.emplace_back([this] { run(); });
}

void password_hasher::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock(guard_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_all();
  for (auto& t : threads_) t.join();
  threads_.clear();
}

bool password_hasher::hash(std::string password,
                           std::function<void(std::optional<std::string>)> done) {
  return enqueue([cost = settings_.cost, password = std::move(password), done = std::move(done)] {
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
    const bool salted =
        crypt_gensalt_rn("$2b$", cost, nullptr, 0, salt.data(), salt.size()) != nullptr;
    auto made = salted && fits(password) ? crypt_with(password, salt.data()) : std::string();
    done(made.empty() ? std::nullopt : std::optional(std::move(made)));
  });
}

bool password_hasher::compare(std::string password, std::string hash, std::function<bool()> known,
                              std::function<void(bool)> done) {
  return enqueue([password = std::move(password), hash = std::move(hash), known = std::move(known),
                  done = std::move(done)] {
    if (known()) return done(true);
    if (!fits(password)) return done(false);
    const auto made = crypt_with(password, hash);
    done(!made.empty() && made.size() == hash.size() &&
         CRYPTO_memcmp(made.data(), hash.data(), hash.size()) == 0);
  });
}

bool password_hasher::enqueue(std::function<void()> work) {
  {
    const std::lock_guard lock(guard_);
    if (stopping_ || waiting_.size() >= settings_.waiting_max) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void password_hasher::run() {
  std::unique_lock lock(guard_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = {};
    lock.lock();
  }
}

}  // namespace troupe::http
