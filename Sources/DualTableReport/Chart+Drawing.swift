/// A chart as SVG.
extension Chart {
  /// How large it is drawn.
  struct Size: Sendable {
    let name: String
    let width: Double
    let height: Double
    let timeTicks: Int

    static let wide = Size(name: "wide", width: 760, height: 260, timeTicks: 10)
    static let narrow = Size(name: "narrow", width: 320, height: 230, timeTicks: 5)

    let left = 50.0
    let right = 12.0
    let above = 36.0
    let below = 42.0
    var plotWidth: Double { width - left - right }
    var plotHeight: Double { height - above - below }
  }

  func drawing(_ size: Size, _ amounts: Scale) -> HTML {
    let time = Scale.time(upTo: seconds, ticks: size.timeTicks)
    let plot = Plot(size: size, time: time, amounts: amounts)
    let names = "\(id)-\(size.name)-title \(id)-\(size.name)-says"
    return """
      <svg class="\(size.name)" viewBox="0 0 \(Plot.text(size.width)) \(Plot.text(size.height))" role="img" aria-labelledby="\(names)">
      <title id="\(id)-\(size.name)-title">\(title)</title><desc id="\(id)-\(size.name)-says">\(summary)</desc>
      \(plot.grid)\(plot.axes(unit: unit))\(marks.map(plot.mark))\(lines.map(plot.line))</svg>

      """
  }
}

/// Where things lie on a drawing.
private struct Plot {
  let size: Chart.Size
  let time: Scale
  let amounts: Scale

  private func x(_ seconds: Double) -> Double { size.left + min(max(seconds / time.top, 0), 1) * size.plotWidth }
  private func y(_ value: Double) -> Double { size.above + (1 - min(max(value / amounts.top, 0), 1)) * size.plotHeight }
  private var bottom: Double { size.above + size.plotHeight }

  /// A length with a tenth, as SVG writes it.
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private func text(_ value: Double) -> String { Self.text(value) }

  var grid: HTML {
    HTML(
      amounts.ticks.map { tick in
        let y = text(y(tick.value))
        let from = text(size.left)
        let to = text(size.left + size.plotWidth)
        return """
          <line class="\(tick.value == 0 ? "axis" : "grid")" x1="\(from)" x2="\(to)" y1="\(y)" y2="\(y)"/>\
          <text class="tick" x="\(text(size.left - 6))" y="\(text(self.y(tick.value) + 4))" text-anchor="end">\(tick.label)</text>
          """
      })
  }

  func axes(unit: String) -> HTML {
    let ticks: [HTML] = time.ticks.map { tick in
      let x = text(x(tick.value))
      return """
        <line class="axis" x1="\(x)" x2="\(x)" y1="\(text(bottom))" y2="\(text(bottom + 4))"/>\
        <text class="tick" x="\(x)" y="\(text(bottom + 17))" text-anchor="middle">\(tick.label)</text>
        """
    }
    return """
      \(ticks)<text class="label" x="\(text(size.left - 44))" y="12">\(unit)</text>\
      <text class="label" x="\(text(size.left + size.plotWidth))" y="\(text(bottom + 35))" text-anchor="end">time worked, \(time.unit)</text>
      """
  }

  func line(_ line: Chart.Line) -> HTML {
    var path = ""
    var isDown = false
    for point in line.points {
      guard let value = point.value else {
        isDown = false
        continue
      }
      path += "\(isDown ? "L" : "M")\(text(x(point.seconds))) \(text(y(value)))"
      isDown = true
    }
    return path.isEmpty ? "" : "<path class=\"line \(line.style.name)\" d=\"\(path)\"/>"
  }

  func mark(_ mark: Chart.Mark) -> HTML {
    let x = text(x(mark.seconds))
    return """
      <line class="mark" x1="\(x)" x2="\(x)" y1="\(text(size.above))" y2="\(text(bottom))"/>\
      <text class="mark" x="\(x)" y="\(text(size.above - 4))" text-anchor="middle">\(mark.number)</text>
      """
  }
}
