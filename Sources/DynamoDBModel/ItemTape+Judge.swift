internal import HTTPTransport

extension ItemTape {
  /// Judges a number's text where it lies. Up to sixteen digits without sign and point go at once.
  @inline(__always)
  internal static func judgeNumber(
    _ bytes: Span<UInt8>, _ window: ByteWindow, _ range: Range<Int>, escaped: Bool
  ) throws(DynamoDBModelError) {
    let count = range.count
    if count > 0 && count <= 16 && window.hasVector(at: range.lowerBound) {
      let places: SIMD16<UInt8> = SIMD16<UInt8>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
      let behind: SIMDMask<SIMD16<Int8>> = places .>= SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: count))
      let text: SIMD16<UInt8> = window.vector(at: range.lowerBound)
      let digits: SIMDMask<SIMD16<Int8>> = (text &- SIMD16<UInt8>(repeating: 0x30)) .< SIMD16<UInt8>(repeating: 10)
      let good: SIMD2<UInt64> = unsafe unsafeBitCast(digits .| behind, to: SIMD2<UInt64>.self)
      if good[0] & good[1] == .max { return }
    }
    try judgeAnyNumber(bytes, range, escaped: escaped)
  }

  @inline(never)
  private static func judgeAnyNumber(_ bytes: Span<UInt8>, _ range: Range<Int>, escaped: Bool) throws(DynamoDBModelError) {
    if isShortPlainNumber(bytes, range) { return }
    let offset = range.lowerBound
    if escaped {
      var scratch = ByteBuffer(capacity: range.count)
      JSONText.appendUnescaped(bytes, range, to: &scratch)
      do {
        _ = try Decimal38(scratch.span)
      } catch {
        throw DynamoDBModelError(error.code, at: offset)
      }
    } else {
      do {
        _ = try Decimal38(bytes.extracting(range))
      } catch {
        throw DynamoDBModelError(error.code, at: offset + (error.offset ?? 0))
      }
    }
  }

  /// True for sign, digits and point, at most 38 bytes: whatever such a text says is in range.
  private static func isShortPlainNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let window = ByteWindow(bytes)
    guard range.count > 16 || !window.hasVector(at: range.lowerBound) else { return isPlainNumber(window, range) }
    guard range.count <= 38 else { return false }
    var points = 0
    var digits = 0
    for index in range {
      let byte = bytes[index]
      if byte &- UInt8(ascii: "0") < 10 {
        digits &+= 1
      } else if byte == UInt8(ascii: ".") {
        points &+= 1
      } else if byte != UInt8(ascii: "-") || index > range.lowerBound {
        return false
      }
    }
    return digits > 0 && points < 2
  }

  /// The same of at most sixteen bytes at once.
  private static func isPlainNumber(_ window: ByteWindow, _ range: Range<Int>) -> Bool {
    let places: SIMD16<UInt8> = SIMD16<UInt8>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    let within: SIMDMask<SIMD16<Int8>> = places .< SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: range.count))
    let text: SIMD16<UInt8> = window.vector(at: range.lowerBound)
    let digits: SIMDMask<SIMD16<Int8>> = ((text &- SIMD16<UInt8>(repeating: 0x30)) .< SIMD16<UInt8>(repeating: 10)) .& within
    let points: SIMDMask<SIMD16<Int8>> = (text .== SIMD16<UInt8>(repeating: UInt8(ascii: "."))) .& within
    let others: SIMD2<UInt64> = unsafe unsafeBitCast(within .^ (digits .| points), to: SIMD2<UInt64>.self)
    let digitBytes: SIMD2<UInt64> = unsafe unsafeBitCast(digits, to: SIMD2<UInt64>.self)
    let pointBytes: SIMD2<UInt64> = unsafe unsafeBitCast(points, to: SIMD2<UInt64>.self)
    let sign: UInt64 = window.byte(at: range.lowerBound) == UInt8(ascii: "-") ? 0xFF : 0
    let point = pointBytes[0] | pointBytes[1]
    let isOnePoint = (pointBytes[0] == 0 || pointBytes[1] == 0) && point &>> UInt64(point.trailingZeroBitCount & 63) <= 0xFF
    return others[0] == sign && others[1] == 0 && digitBytes[0] | digitBytes[1] != 0 && isOnePoint
  }

  /// Judges a binary's text.
  @inline(never)
  internal static func judgeBinary(_ bytes: Span<UInt8>, _ range: Range<Int>, escaped: Bool) throws(DynamoDBModelError) {
    guard escaped else {
      if let fault = Base64.fault(bytes, range) { throw DynamoDBModelError(.invalidBase64, at: fault) }
      return
    }
    var scratch = ByteBuffer(capacity: range.count)
    JSONText.appendUnescaped(bytes, range, to: &scratch)
    if Base64.fault(scratch.span, 0..<scratch.count) != nil { throw DynamoDBModelError(.invalidBase64, at: range.lowerBound) }
  }

  /// Refuses a set whose members, the nodes behind `set`, aren't all different.
  internal func judgeMembers(of set: Int, _ bytes: Span<UInt8>) throws(DynamoDBModelError) {
    if nodes.count - set > 12 { return try judgeManyMembers(of: set, bytes) }
    for index in set + 1..<nodes.count {
      for other in set + 1..<index where isSameMember(index, other, bytes) {
        throw DynamoDBModelError(.duplicateMember, at: nodes[index].valueRange.lowerBound)
      }
    }
  }

  private func judgeManyMembers(of set: Int, _ bytes: Span<UInt8>) throws(DynamoDBModelError) {
    var forms = Set<[UInt8]>(minimumCapacity: nodes.count - set)
    var form = ByteBuffer(capacity: 64)
    for index in set + 1..<nodes.count {
      form.removeAll()
      if nodes[index].type == .number {
        decimal(of: index, bytes).append(to: &form)
      } else {
        Self.appendContent(of: nodes[index], bytes, to: &form)
      }
      guard forms.insert([UInt8](copying: form.span)).inserted else {
        throw DynamoDBModelError(.duplicateMember, at: nodes[index].valueRange.lowerBound)
      }
    }
  }

  private func isSameMember(_ left: Int, _ right: Int, _ bytes: Span<UInt8>) -> Bool {
    let (first, second) = (nodes[left], nodes[right])
    if first.type == .number {
      let arePlain = Self.isPlainInteger(bytes, first.contentRange) && Self.isPlainInteger(bytes, second.contentRange)
      if !arePlain { return decimal(of: left, bytes) == decimal(of: right, bytes) }
    } else if first.contentEscaped || second.contentEscaped {
      return UTF8Text.equal(text(of: left, bytes), text(of: right, bytes))
    }
    return UTF8Text.equal(bytes.extracting(first.contentRange), bytes.extracting(second.contentRange))
  }
}
