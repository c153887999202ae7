import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Appends a list or map of maps, each of them gone through `block`.
  func appendEach(
    _ rule: Int, _ block: BlockPlan, _ value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    guard case .node(let parent) = value else { return }
    let isList = tape[parent].type == .list
    if isList { out.append("{\"L\":[") } else { out.append("{\"M\":{") }
    var index = parent + 1
    while index < tape[parent].end {
      let element = tape[index]
      guard element.type == .map else { throw failure(.wrongType, rule: rule, slot: slot(of: rule), found: element.type) }
      let mark = out.count
      out.appendSeparator()
      if !isList { out.append(bytes.extracting(element.nameRange.lowerBound - 1..<element.valueRange.lowerBound)) }
      out.append("{\"M\":")
      if try block.convert(at: index, tape, bytes, &scratch, &out) {
        out.append(UInt8(ascii: "}"))
      } else {
        out.truncate(to: mark)
      }
      index = element.end
    }
    if isList { out.append("]}") } else { out.append("}}") }
  }

  /// Appends a list of scalars, each of them gone through `steps`.
  func appendEach(
    _ rule: Int, _ steps: Range<Int>, _ value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    guard case .node(let parent) = value else { return }
    out.append("{\"L\":[")
    var index = parent + 1
    while index < tape[parent].end {
      let mark = out.count
      out.appendSeparator()
      if try !appendSteps(steps, rule, .node(index), tape, bytes, &scratch, &out) { out.truncate(to: mark) }
      index = tape[index].end
    }
    out.append("]}")
  }
}
