import DynamoDBModel
import HTTPTransport

extension String {
  /// The item that the text is in wire form.
  func item() throws -> Item { try AttributeMap(wire: utf8.span) }
}

extension AttributeMap {
  var wire: String {
    var bytes = ByteBuffer()
    encode(into: &bytes)
    return String(copying: bytes.span)
  }

  var canonical: [UInt8] {
    var bytes = ByteBuffer()
    appendCanonical(to: &bytes)
    return [UInt8](copying: bytes.span)
  }
}

/// The error that reading `bytes` as an item ends in.
func refusal(_ bytes: [UInt8]) -> DynamoDBModelError? {
  do throws(DynamoDBModelError) {
    _ = try AttributeMap(wire: bytes.span)
    return nil
  } catch {
    return error
  }
}

/// SplitMix64: small, seeded, the same everywhere.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}
