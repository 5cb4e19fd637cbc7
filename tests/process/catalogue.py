"""Persistent instances as the service registry shows them."""

from http_client import naming_target

PAGE = 500


def register(client, service, ip, port):
    """The answer to a registration."""
    return client.request("POST", naming_target("instance", serviceName=service, ip=ip, port=port,
                                                ephemeral="false"))


def instances(node, service):
    """All (ip, port) of a service in the node's own view, page by page; None without an answer."""
    found = set()
    page = 1
    while True:
        target = naming_target("catalog/instances", serviceName=service, clusterName="DEFAULT",
                               pageNo=page, pageSize=PAGE)
        answer = node.get_json(target)
        if answer is None:
            return None
        found.update((host["ip"], host["port"]) for host in answer["list"])
        if not answer["list"] or len(found) >= answer["count"]:
            return found
        page += 1
