package import DynamoDBModel
package import HTTPTransport

/// Writes the results of one old item after the other as wire JSON: compiled mappings on the page's bytes, mappings in Swift by way of
/// values.
package struct ItemConverter: ~Copyable {
  private let mapping: any TableMapping
  /// A compiled mapping's blocks. Unmanaged, since to count a reference an item is 3 % of its conversion; `mapping` keeps them.
  private let plans: [Unmanaged<BlockPlan>]?
  private var scratch = ConversionScratch()
  private var results: [Item] = []

  package init(_ mapping: any TableMapping) {
    self.mapping = mapping
    plans = (mapping as? CompiledMapping)?.plans.map { .passUnretained($0) }
  }

  /// Takes up the item on the tape.
  ///
  /// - Returns: how many results to ask for; a compiled mapping may still skip some of them.
  package mutating func begin(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(ConversionError) -> Int {
    if let plans {
      scratch.begin(tape)
      return plans.count
    }
    results = try mapping.checkedConvert(Item(tape, bytes))
    return results.count
  }

  /// Appends the item's result to `out`.
  ///
  /// What holds for one result holds for itself alone: where another one of the item fails, none of them may be used.
  /// - Parameter result: 0..< what `begin` returned for this item.
  /// - Returns: false if the mapping skips it; nothing was appended then.
  /// - Throws: what a rule can't do, or which of the service's limits the result breaks; nothing is appended then.
  package mutating func write(
    _ result: Int, of tape: borrowing ItemTape, _ bytes: Span<UInt8>, to out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    guard let plans else {
      results[result].encode(into: &out)
      return true
    }
    let start = out.count
    let outcome: Result<Bool, ConversionError> = plans[result]._withUnsafeGuaranteedRef { plan in
      do throws(ConversionError) {
        return .success(try plan.convert(at: 0, tape, bytes, &scratch, &out))
      } catch {
        return .failure(error)
      }
    }
    if case .failure = outcome { out.truncate(to: start) }
    return try outcome.get()
  }
}
