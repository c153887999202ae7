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

  /// True where the host is this machine by its name or address.
  package var isLoopback: Bool {
    let name = host.lowercased()
    if name == "localhost" || name == "::1" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  package var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}
