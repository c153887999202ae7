package import DynamoDBModel
package import HTTPTransport

/// Writes the results of one old item after the other as wire JSON: compiled mappings on the page's bytes, mappings in Swift by way of
/// values.
package struct ItemConverter: ~Copyable {
  private let mapping: any TableMapping
  private let compiled: CompiledMapping?
  private var scratch = ConversionScratch()
  private var results: [Item] = []

  package init(_ mapping: any TableMapping) {
    self.mapping = mapping
    compiled = mapping as? CompiledMapping
  }

  /// Takes up the item on the tape.
  ///
  /// - Returns: how many results to ask for; a compiled mapping may still skip some of them.
  package mutating func begin(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(ConversionError) -> Int {
    if let compiled { return compiled.blockCount }
    results = try mapping.checkedConvert(Item(tape, bytes))
    return results.count
  }

  /// Appends the item's result to `out`.
  ///
  /// - Parameter result: 0..< what `begin` returned for this item.
  /// - Returns: false if the mapping skips it; nothing was appended then.
  package mutating func write(
    _ result: Int, of tape: borrowing ItemTape, _ bytes: Span<UInt8>, to out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    if let compiled { return try compiled.convert(block: result, tape, bytes, scratch: &scratch, into: &out) }
    results[result].encode(into: &out)
    return true
  }
}
