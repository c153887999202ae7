/// A run over time, for its report: bounded however long it runs, since old samples are thinned out as new ones come. A pure value.
///
/// Samples are a second apart at first. Where there would be more than 2,000, every second one goes and the interval doubles: a run of
/// a week has one every ten minutes. What the requests of a sample came to passes to the one behind it, so that no count is lost.
package struct RunSeries: Sendable, Equatable {
  /// Samples that are kept, at most.
  package static let mostSamples = 2_000
  /// The interval that a run begins with.
  static let firstInterval = 1_000

  /// What a new sample did to those before it.
  package enum Change: Sendable, Equatable {
    /// Nothing: it stands behind them.
    case appended
    /// Some are gone or another sample's now.
    case rewritten
  }

  /// Milliseconds between samples.
  package private(set) var interval: Int
  /// In order of time.
  package private(set) var samples: [RunSample]
  /// Samples that this one keeps, at most.
  private var most: Int

  package init() { self.init(interval: Self.firstInterval, samples: []) }

  init(interval: Int, samples: [RunSample], most: Int = Self.mostSamples) {
    self.interval = interval
    self.samples = samples
    self.most = most
  }

  /// True where a sample at `elapsed` milliseconds belongs into the series.
  package func isDue(at elapsed: Int) -> Bool { elapsed >= (samples.last?.elapsed ?? 0) + interval }

  /// Adds a sample.
  ///
  /// A process that died may have recorded more than its checkpoint holds: what isn't before the new sample never was.
  package mutating func append(_ sample: RunSample) -> Change {
    var change = Change.appended
    var sample = sample
    while let last = samples.last, last.elapsed >= sample.elapsed {
      sample.absorb(last)
      samples.removeLast()
      change = .rewritten
    }
    samples.append(sample)
    if samples.count >= most {
      thin()
      change = .rewritten
    }
    return change
  }

  /// Every second sample goes.
  mutating func thin() {
    var kept: [RunSample] = []
    for index in samples.indices {
      // The last one always stays: it is where the run stands.
      if index % 2 == 0 && index + 1 < samples.count { continue }
      var sample = samples[index]
      if index % 2 == 1 { sample.absorb(samples[index - 1]) }
      kept.append(sample)
    }
    samples = kept
    interval *= 2
  }
}
