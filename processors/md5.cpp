#include "processors/md5.hpp"

#include <openssl/evp.h>

#include "codec/invariant.hpp"

namespace troupe::processors {

std::string md5_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  // Fails only where the library's policy forbids MD5. A node that went on without it would apply
  // entries otherwise than the others do.
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    codec::broken_invariant("OpenSSL refuses MD5, which configurations need; allow it");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(std::size_t{2} * size);
  for (unsigned i = 0; i < size; ++i) {
    out.push_back(digits[digest[i] >> 4U]);
    out.push_back(digits[digest[i] & 15U]);
  }
  return out;
}

}  // namespace troupe::processors
