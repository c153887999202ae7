internal import DynamoDBModel
internal import HTTPTransport

extension ItemTape {
  /// Appends the item as the service gives it back: without blanks, numbers in their one form wherever they stand, sets in order.
  func appendNormal(_ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    appendNormalMembers(of: 0, bytes, to: &out)
  }

  private func appendNormalMembers(of parent: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    out.append("{")
    var child = parent + 1
    while child < self[parent].end {
      let node = self[child]
      if child > parent + 1 { out.append(",") }
      out.append("\"")
      out.append(bytes.extracting(node.nameRange))
      out.append("\":")
      appendNormalValue(of: child, bytes, to: &out)
      child = node.end
    }
    out.append("}")
  }

  private func appendNormalValue(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    let node = self[index]
    switch node.type {
    case .string: out.append("{\"S\":\"")
    case .binary: out.append("{\"B\":\"")
    case .number:
      out.append("{\"N\":\"")
      appendCanonicalNumber(of: index, bytes, to: &out)
      return out.append("\"}")
    case .bool: return out.append(node.contentRange.count == 4 ? "{\"BOOL\":true}" : "{\"BOOL\":false}")
    case .null: return out.append("{\"NULL\":true}")
    case .map:
      out.append("{\"M\":")
      appendNormalMembers(of: index, bytes, to: &out)
      return out.append("}")
    case .list:
      out.append("{\"L\":[")
      var child = index + 1
      while child < node.end {
        if child > index + 1 { out.append(",") }
        appendNormalValue(of: child, bytes, to: &out)
        child = self[child].end
      }
      return out.append("]}")
    case .stringSet, .numberSet, .binarySet: return appendNormalSet(index, bytes, to: &out)
    }
    out.append(bytes.extracting(node.contentRange))
    out.append("\"}")
  }

  private func appendNormalSet(_ index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    out.append("{\"")
    out.append(self[index].type.name)
    out.append("\":[")
    let members = Array(index + 1..<self[index].end)
    let forms = members.map { member in
      var form = ByteBuffer()
      appendKeyContent(of: member, bytes, to: &form)
      return [UInt8](copying: form.span)
    }
    for (place, order) in members.indices.sorted(by: { forms[$0].lexicographicallyPrecedes(forms[$1]) }).enumerated() {
      out.append(place > 0 ? ",\"" : "\"")
      if self[members[order]].type == .number {
        appendCanonicalNumber(of: members[order], bytes, to: &out)
      } else {
        out.append(bytes.extracting(self[members[order]].contentRange))
      }
      out.append("\"")
    }
    out.append("]}")
  }
}
