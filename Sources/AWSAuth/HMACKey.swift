/// An HMAC-SHA-256 key as the two hash states that its pads leave behind, so that a message costs only its own blocks.
package struct HMACKey: ~Copyable, Sendable {
  /// Where each message's hash starts.
  package private(set) var inner = SHA256()
  private var outer = SHA256()

  /// Makes the states of a key of any length.
  package init(_ key: Span<UInt8>) {
    var block = InlineArray<64, UInt8>(repeating: 0)
    if key.count > 64 {
      var hash = SHA256()
      hash.update(key)
      let digest = hash.finish()
      for index in 0..<32 { block[index] = digest[index] }
    } else {
      for index in 0..<key.count { block[index] = key[index] }
    }
    var pad = block
    for index in 0..<64 { pad[index] = block[index] ^ 0x36 }
    inner.update(pad.span)
    for index in 0..<64 { pad[index] = block[index] ^ 0x5C }
    outer.update(pad.span)
  }

  /// Ends a message's hash, begun from `inner`, and turns it into the code.
  package func finish(_ message: inout SHA256) -> SHA256Digest {
    let digest = message.finish()
    var code = outer
    code.update(digest.span)
    return code.finish()
  }

  /// The code of `text`.
  package func code(of text: String) -> SHA256Digest {
    var message = inner
    message.update(text)
    return finish(&message)
  }
}
