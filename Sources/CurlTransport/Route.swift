internal import HTTPTransport

/// The way from here to an origin: straight, through a tunnel, or by a proxy that passes requests on.
struct Route: Equatable, Sendable {
  let origin: HTTPOrigin
  /// The proxy's URL with what may be secret in it; nil: straight.
  let proxy: String?

  private var proxyScheme: Substring {
    guard let proxy, let end = proxy.firstRange(of: "://") else { return "http" }
    return proxy[..<end.lowerBound]
  }

  /// True where the proxy reads each request and passes it on. Through any other the way is a tunnel: for `https` whose content is nobody's
  /// business, and through a proxy that knows no HTTP.
  var isForwarded: Bool { proxy != nil && !origin.isSecure && ["http", "https"].contains(proxyScheme.lowercased()) }

  /// True where what goes over the socket is encrypted.
  var isEncrypted: Bool { origin.isSecure || isForwarded && proxyScheme.lowercased() == "https" }

  /// Makes `request` one that a proxy can pass on: its target says for whom it is, and a field who asks (RFC 9112, section 3.2.2).
  func address(_ request: inout HTTPRequestBuffer) {
    let line = Self.firstLine(request.message)
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard words.count == 3 else { return }
    var start = ByteBuffer()
    start.append(contentsOf: words[0])
    start.append(contentsOf: " \(origin)".utf8)
    start.append(contentsOf: words[1])
    start.append(UInt8(ascii: " "))
    start.append(contentsOf: words[2])
    if let credentials { start.append(contentsOf: "proxy-authorization: Basic \(Self.base64(credentials))\r\n".utf8) }
    request.replaceStart(line.count, with: start.span)
  }

  private static func firstLine(_ message: Span<UInt8>) -> [UInt8] {
    guard let end = message.lineFeed(from: 0) else { return [] }
    return (0...end).map { message[$0] }
  }

  /// User and password in the proxy's URL, nil where it names none.
  private var credentials: [UInt8]? {
    guard let proxy else { return nil }
    let behindScheme = proxy.firstRange(of: "://").map { proxy[$0.upperBound...] } ?? proxy[...]
    let authority = behindScheme.prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@") else { return nil }
    return Self.percentDecoded(authority[..<at])
  }

  private static func percentDecoded(_ text: Substring) -> [UInt8] {
    var decoded: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let high = rest[rest.startIndex].hexDigit, let low = rest[rest.startIndex + 1].hexDigit
      {
        decoded.append(UInt8(high << 4 | low))
        rest.removeFirst(2)
      } else {
        decoded.append(byte)
      }
    }
    return decoded.contains(UInt8(ascii: ":")) ? decoded : decoded + [UInt8(ascii: ":")]
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 { text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=") }
    }
    return text
  }
}
