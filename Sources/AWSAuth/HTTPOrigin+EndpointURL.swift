package import HTTPTransport

/// Why a text is no URL of an endpoint; it never repeats the text, which may hold a password.
package struct EndpointURLError: Error, Sendable, CustomStringConvertible {
  package let description: String

  /// - Parameter why: goes on from "The endpoint URL".
  fileprivate init(_ why: String) { description = "The endpoint URL \(why); give it as in http://127.0.0.1:8000." }
}

extension HTTPOrigin {
  /// Takes scheme, host and port out of a URL without path, query or user.
  ///
  /// - Throws: `EndpointURLError`.
  package init(endpointURL url: String) throws(EndpointURLError) {
    let (isSecure, authority) = try Self.splitScheme(url)
    if authority.contains("@") { throw EndpointURLError("names a user, which DynamoDB has no use for") }
    if authority.contains(where: { "/?#".contains($0) }) { throw EndpointURLError("has a path or a query, which requests can't go to") }
    let (host, portText) = authority.hasPrefix("[") ? try Self.splitAddress(authority) : try Self.splitName(authority)
    self.init(isSecure: isSecure, host: String(host), port: try portText.map(Self.port))
  }

  /// True for 1 to 63 letters, digits, hyphens and underscores (container names have those), without a hyphen at either end.
  package static func isHostLabel(_ text: Substring) -> Bool {
    let bytes = text.utf8
    return (1...63).contains(bytes.count) && bytes.first != 0x2D && bytes.last != 0x2D
      && bytes.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x5F }
  }

  private static func splitScheme(_ url: String) throws(EndpointURLError) -> (isSecure: Bool, authority: Substring) {
    for (scheme, isSecure) in [("https://", true), ("http://", false)] where url.lowercased().hasPrefix(scheme) {
      let rest = url.dropFirst(scheme.count)
      return (isSecure, rest.hasSuffix("/") ? rest.dropLast() : rest)
    }
    throw EndpointURLError("begins with neither http:// nor https://")
  }

  /// An IPv6 address in brackets, and what stands behind the colon after them.
  private static func splitAddress(_ authority: Substring) throws(EndpointURLError) -> (host: Substring, port: Substring?) {
    guard let end = authority.firstIndex(of: "]") else { throw EndpointURLError("has an address without its closing bracket") }
    let host = authority[..<end].dropFirst()
    let behind = authority[end...].dropFirst()
    guard !host.isEmpty, host.utf8.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0 | 0x20) || $0 == 0x3A || $0 == 0x2E }) else {
      throw EndpointURLError("has no valid address between its brackets")
    }
    guard behind.isEmpty || behind.hasPrefix(":") else { throw EndpointURLError("has something behind its address") }
    return (host, behind.isEmpty ? nil : behind.dropFirst())
  }

  /// A name or an IPv4 address, and what stands behind its colon; one dot at the end is fine.
  private static func splitName(_ authority: Substring) throws(EndpointURLError) -> (host: Substring, port: Substring?) {
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let host = parts[0]
    let name = host.hasSuffix(".") ? host.dropLast() : host
    guard name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isHostLabel($0) }) else {
      throw EndpointURLError("has no valid host")
    }
    return (host, parts.count > 1 ? parts[1] : nil)
  }

  private static func port(_ text: Substring) throws(EndpointURLError) -> Int {
    guard text.utf8.allSatisfy(isDigit), let port = Int(text), (1...65_535).contains(port) else {
      throw EndpointURLError("has no valid port")
    }
    return port
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
