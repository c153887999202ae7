internal import DynamoDBModel

/// Cuts the dead letters of one checkpoint into parts that items of the control table hold.
enum LetterParts {
  /// Bytes of a part; an item holds 400 KB with its key.
  static let partSize = 350_000
  /// Bytes of all parts of a checkpoint; a transaction holds 4 MB.
  static let mostBytes = 3_500_000

  /// The parts, each of whole lines. What doesn't fit goes without the items themselves: key and reason are always there.
  static func parts(of lines: [UInt8]) -> [[UInt8]] {
    if lines.isEmpty { return [] }
    let mustShrink = lines.count > mostBytes
    var parts: [[UInt8]] = [[]]
    for line in lines.split(separator: 0x0A) {
      var bytes = mustShrink || line.count >= partSize ? withoutItem(Array(line)) : Array(line)
      bytes.append(0x0A)
      if parts[parts.count - 1].count + bytes.count > partSize { parts.append([]) }
      parts[parts.count - 1] += bytes
    }
    return parts
  }

  /// The line without its member `item`.
  private static func withoutItem(_ line: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = [UInt8(ascii: "{")]
    do throws(DynamoDBModelError) {
      var members = try JSONObjectReader(line.span)
      while let name = try members.next(line.span) {
        let value = try members.skip(line.span)
        if line.span.equals(name, "item") { continue }
        if kept.count > 1 { kept.append(UInt8(ascii: ",")) }
        kept += [UInt8(ascii: "\"")] + line[name] + Array("\":".utf8) + line[value]
      }
    } catch {
      return line
    }
    return kept + [UInt8(ascii: "}")]
  }
}
