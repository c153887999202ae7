/// The mapping that commands for trying things out take where none is named: `Mappings/users.yaml`, so that the binary needs no file.
enum BuiltInMapping {
  static let users = #"""
    # users.yaml: email to the root for an index; types and names mended
    version: 1
    old: {hash: {id: S}}
    new: {hash: {id: S}, indexes: {byEmail: {hash: {email: S}}}}
    ttl: {old: expires, new: expiresAt}
    key: {id: id}
    attributes:
      schema: {const: 2}
      email: profile.email
      age: {from: profile.age, was: string, type: number}
      createdAt: {from: profile.created, was: epoch-seconds, type: iso8601}
      expiresAt: expires
      active: {from: enabled, lookup: {"Y": true, "N": false}, otherwise: error}
      contact.phone: phone
    rest: keep

    """#
}
