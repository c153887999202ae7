internal import CLibcrypto
internal import CNullServer
internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// Bytes a second through the codec on one core, against libcrypto's SHA-256 of the same bytes.
struct CodecBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    for shape in ItemShape.all { figures += try measure(shape) }
    return figures
  }

  private func measure(_ shape: ItemShape) throws(Failure) -> [Figure] {
    let page = try Self.page(of: shape.item)
    var converter = Converter(mapping: try Workload.compiledMapping(shape.mapping))
    var (hash, decode, convert) = (Series(), Series(), Series())
    for _ in 0..<(isQuick ? 15 : 75) {
      hash.append(try Self.rate(of: page) { page throws(Failure) in try Self.hash(page) })
      decode.append(try Self.rate(of: page) { page throws(Failure) in try converter.decode(page) })
      convert.append(try Self.rate(of: page) { page throws(Failure) in try converter.convert(page) })
    }
    let (name, title) = ("codec.\(shape.name)", shape.title)
    return [
      Figure(name: "\(name).sha256", title: "SHA-256 of \(title)", unit: .megabytesPerSecond, series: hash),
      Figure(name: "\(name).decode", title: "decode \(title)", unit: .megabytesPerSecond, series: decode),
      Figure(
        name: "\(name).decode.ratio", title: "  / SHA-256", unit: .ratio, series: decode / hash,
        goal: shape.goals.map { .atLeast($0.decode) }),
      Figure(name: "\(name).convert", title: "decode, convert, encode \(title)", unit: .megabytesPerSecond, series: convert),
      Figure(
        name: "\(name).convert.ratio", title: "  / SHA-256", unit: .ratio, series: convert / hash,
        goal: shape.goals.map { .atLeast($0.convert) }),
    ]
  }

  /// Megabytes that pass through `body` in a second of this thread's own time, so that whoever else is on the machine counts little.
  private static func rate(
    of page: borrowing ByteBuffer, _ body: (borrowing ByteBuffer) throws(Failure) -> Void
  ) throws(Failure) -> Double {
    let passes = 8
    let began = threadSeconds()
    for _ in 0..<passes { try body(page) }
    return Double(page.count * passes) / (threadSeconds() - began) / 1e6
  }

  private static func hash(_ page: borrowing ByteBuffer) throws(Failure) {
    var digest = [UInt8](repeating: 0, count: 32)
    let done = page.span.withUnsafeBufferPointer { EVP_Digest($0.baseAddress, $0.count, &digest, nil, EVP_sha256(), nil) }
    guard done == 1 else { throw Failure("libcrypto can't compute SHA-256") }
  }

  /// A Scan's answer of 1 MB, as the null server gives it.
  private static func page(of item: String) throws(Failure) -> ByteBuffer {
    guard let table = null_table_make(Workload.oldTable, item, 1_000_000) else { throw Failure("the item holds no id") }
    defer { null_table_free(table) }
    var scan = null_scan(segment: 0, total_segments: 1, has_start: true, start: 499_999, limit: 0, capacity: true, eventual: false)
    var room = [CChar](repeating: 0, count: null_table_page_room(table))
    var sum: UInt32 = 0
    let body = null_table_page(table, &scan, &room, &sum)
    var page = ByteBuffer(capacity: body.length)
    room.withUnsafeBytes { page.append(contentsOf: $0[body.offset..<body.offset + body.length]) }
    return page
  }
}

/// What a backfill does with a page, without putting anything.
private struct Converter: ~Copyable {
  var tape = ItemTape()
  var converter: ItemConverter
  var output = ByteBuffer(capacity: 2_048)

  init(mapping: CompiledMapping) { converter = ItemConverter(mapping) }

  mutating func decode(_ page: borrowing ByteBuffer) throws(Failure) {
    let bytes = page.span
    do {
      var reader = try ScanPageReader(bytes)
      while try reader.next(&tape, bytes) {}
      guard reader.itemsRead == reader.count else { throw Failure("decode lost items") }
    } catch {
      throw Failure("decode: \(error)")
    }
  }

  mutating func convert(_ page: borrowing ByteBuffer) throws(Failure) {
    let bytes = page.span
    do {
      var reader = try ScanPageReader(bytes)
      while try reader.next(&tape, bytes) {
        output.removeAll()
        for result in 0..<(try converter.begin(tape, bytes)) {
          guard try converter.write(result, of: tape, bytes, to: &output) else { throw Failure("the mapping skipped an item") }
        }
      }
    } catch {
      throw Failure("convert: \(error)")
    }
  }
}
