// Query strings, form bodies, and the parameters of the naming API in them. An input is a content
// type, a query and a body, each ended by a line feed.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "http/instance_parameters.hpp"
#include "http/naming_text.hpp"
#include "http/text_forms.hpp"
#include "naming/service_info.hpp"
#include "tests/fuzz/demands.hpp"

using namespace troupe;
using nlohmann::json;
namespace told = processors::naming;

namespace {

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void check_refusal(const http::response& r) {
  fuzz::demand(r.status == 400 && !r.body.empty(), "a refusal has its status and says why", r.body);
}

/// What a text says does not depend on how it is escaped.
void check_text(std::string_view text) {
  const auto escaped = http::percent_encode(text);
  fuzz::demand(http::percent_decode(escaped) == text, "escaping loses nothing", escaped);
  http::parameters form;
  fuzz::demand(form.add_form("name=" + escaped) && form.find("name") == text,
               "a form's value is the text that was escaped", escaped);
  http::parameters named;
  fuzz::demand(named.add_form(escaped + "=value") && named.find(text) == "value",
               "a form's name is the text that was escaped", escaped);
  const auto encoded = http::base64_encode(text);
  fuzz::demand(encoded.size() == (text.size() + 2) / 3 * 4, "base64 is padded", encoded);
}

/// What is taken for UTF-8 must be that: it is told to clients in JSON.
void check_facts(std::string_view text) {
  const auto facts = http::examine(text);
  bool is_utf8 = true;
  try {
    (void)json(text).dump();
  } catch (const json::type_error&) {
    is_utf8 = false;
  }
  fuzz::demand(facts.valid == is_utf8, "valid is what JSON takes for UTF-8", text);
}

told::instance instance_of(const naming::host& h) {
  told::instance i;
  i.ip = h.ip;
  i.port = h.port;
  i.cluster = h.cluster;
  i.healthy = h.healthy;
  i.enabled = h.enabled;
  i.weight = h.weight;
  i.metadata.assign(h.metadata.begin(), h.metadata.end());
  return i;
}

/// The processor's limits are wider: what HTTP lets through must not fail on them, and what is
/// stored must come out again.
void check_registration(const http::registration& r) {
  const auto& h = r.instance;
  told::command c;
  c.verb = told::verb_add;
  c.service = r.service.view();
  c.instance = instance_of(h);
  const auto bytes = told::encode(c);
  const auto decoded = told::decode_command(bytes);
  fuzz::demand(decoded.has_value(), "the processor takes what HTTP accepts",
               decoded ? "" : decoded.error().what);
  fuzz::demand(*decoded == c, "a registration is equal in the log");
  std::string text;
  naming::append_host(text, r.service, h, h.healthy);
  const auto shown = json::parse(text);
  fuzz::demand(shown.at("ip") == h.ip && shown.at("metadata").size() == h.metadata.size(),
               "an instance is shown as it was registered", text);
  fuzz::demand(shown.at("weight").is_number_float() && shown.at("weight") == h.weight,
               "a weight is shown as no integer", text);
  for (const auto& [key, value] : h.metadata) {
    fuzz::demand(shown.at("metadata").at(key) == value, "metadata is shown as it was sent", key);
  }
}

/// What a beat says is read as if it registered.
void check_beat(const http::naming_parameters& p, const http::naming_dialect& says) {
  const auto sign = http::read_beat(p, says);
  if (!sign) return check_refusal(sign.error());
  if (!sign->registers) return;
  const auto registration = http::read_registration(*sign->registers, says);
  if (!registration) return check_refusal(registration.error());
  fuzz::demand(registration->instance.ip == sign->ip && registration->instance.port == sign->port,
               "a beat and what it registers are of one address", sign->ip);
  check_registration(*registration);
}

void check_parameters_of(const http::naming_parameters& p, const http::naming_dialect& says) {
  check_beat(p, says);
  (void)http::read_targets(p);
  if (const auto patch = http::read_patch(p, says); !patch) check_refusal(patch.error());
  const auto identity = http::read_identity(p, says);
  const auto registration = http::read_registration(p, says);
  if (!identity) {
    fuzz::demand(!registration, "a registration without identity is refused");
    return check_refusal(identity.error());
  }
  if (!registration) return check_refusal(registration.error());
  check_registration(*registration);
}

void check_request(const http::request& request) {
  const auto p = http::naming_parameters::of(request);
  if (!p) return check_refusal(p.error());
  if (const auto bad = http::check_parameters(*p)) return check_refusal(*bad);
  for (const auto v : {http::naming_version::v1, http::naming_version::v2}) {
    check_parameters_of(*p, http::naming_dialect(v));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::view_of(data, size);
  const auto type = take_line(input);
  const auto query = take_line(input);
  http::request request;
  request.method = "POST";
  request.path = "/nacos/v1/ns/instance";
  request.query = query;
  request.headers = {{"Content-Type", type}};
  request.body = input;
  {
    // A parameter takes two texts of 32 bytes beside its own one or two.
    const fuzz::memory_meter meter({256, 65'536}, size);
    (void)http::naming_parameters::of(request);
  }
  check_text(query);
  check_facts(input);
  (void)http::split_clusters(query);
  check_request(request);
  return 0;
}
