internal import Glibc
package import HTTPTransport

/// Which proxies connections go through, as curl and the AWS SDKs read it from the environment.
///
/// `http_proxy` holds for `http` (in lower case only: a CGI's client could set the other), `https_proxy` or `HTTPS_PROXY` for `https`,
/// `all_proxy` or `ALL_PROXY` for both where those aren't set; one that is empty stands for none. `no_proxy` or `NO_PROXY` lists the hosts
/// that are reached straight: names, which stand for what is below them too, addresses, ranges as in `10.0.0.0/8`, or `*` alone.
package struct ProxySettings: Sendable, Hashable {
  private let plain: String?
  private let secure: String?
  private let exempt: [String]

  /// Reads the variables by `value`, which returns nil for one that isn't set.
  package init(_ value: (_ name: String) -> String?) {
    let all = value("all_proxy") ?? value("ALL_PROXY")
    plain = value("http_proxy") ?? all
    secure = value("https_proxy") ?? value("HTTPS_PROXY") ?? all
    exempt = (value("no_proxy") ?? value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
  }

  /// Those of the process's own environment.
  package static var ofProcess: ProxySettings {
    ProxySettings { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
  }

  /// The proxy's URL for connections to `origin`, nil where they go straight.
  package func proxy(for origin: HTTPOrigin) -> String? {
    guard let proxy = origin.isSecure ? secure : plain, !proxy.isEmpty, !isExempt(origin.host) else { return nil }
    return proxy
  }

  // The rules are libcurl's. They stand here because it must be known whether a proxy is used, which only new versions tell, and
  // because ranges of addresses are new there as well.
  private func isExempt(_ host: String) -> Bool {
    if exempt == ["*"] { return true }
    if let address = Address(host) { return exempt.contains { address.lies(in: $0) } }
    let name = Self.bareName(host)
    return exempt.contains { entry in
      var entry = Self.bareName(entry)
      if entry.hasPrefix(".") { entry.removeFirst() }
      return !entry.isEmpty && (name == entry || name.hasSuffix("." + entry))
    }
  }

  private static func bareName(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }
}

/// Never printable: a proxy's URL may hold a password.
extension ProxySettings: CustomStringConvertible, CustomReflectable {
  package var description: String { "ProxySettings(hidden)" }
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// An address of either kind, as its bytes.
private struct Address: Equatable {
  private let bytes: [UInt8]

  init?(_ text: String) {
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, bare, &bytes) == 1 {
      self.bytes = Array(bytes[..<4])
    } else if unsafe inet_pton(AF_INET6, bare, &bytes) == 1 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// True where `entry` is this address, or a range that holds it.
  func lies(in entry: String) -> Bool {
    let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let other = Address(String(parts[0])), other.bytes.count == bytes.count else { return false }
    guard parts.count == 2 else { return self == other }
    guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return false }
    for bit in 0..<bits {
      let difference = bytes[bit / 8] ^ other.bytes[bit / 8]
      if difference >> (7 - bit % 8) & 1 == 1 { return false }
    }
    return true
  }
}
