#include "http/routes.hpp"
namespace troupe::http {
void add_naming_routes(router&, const view_ptr&, const server_options&) {}
}  // namespace troupe::http
