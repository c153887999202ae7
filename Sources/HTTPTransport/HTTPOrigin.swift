/// Where requests go: scheme, host and port. Connections are kept per origin.
package struct HTTPOrigin: Sendable, Hashable, CustomStringConvertible {
  /// True for `https`.
  package let isSecure: Bool
  /// A name or an address; an IPv6 address without brackets.
  package let host: String
  /// 1 to 65,535.
  package let port: Int

  package init(isSecure: Bool, host: String, port: Int? = nil) {
    self.isSecure = isSecure
    self.host = host
    self.port = port ?? (isSecure ? 443 : 80)
  }

  /// What belongs into the `host` field: without the port where it is the scheme's own.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  package var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}
