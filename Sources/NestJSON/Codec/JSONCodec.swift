/// How Swift values become JSON bytes and back: a `Codable` coder that gives what Foundation's give, over bytes and
/// faster.
///
/// Bytes must be well-formed as RFC 8259 has it: no comments, trailing commas, NaN, byte order mark or lone surrogates,
/// and nothing but white space behind the value. When an object has a name twice, the first one counts, as with
/// Foundation. Whole numbers may be written with fraction or exponent (`1e2` is 100) as long as their value is whole.
/// A key that a type encodes twice into one container stands twice, where Foundation keeps the last.
/// Numbers that do not fit their type are errors; nothing is rounded but the last digit of a floating-point number.
public struct JSONCodec: Sendable {
    /// Foundation's defaults.
    public static let `default` = JSONCodec()

    /// How property names are written.
    public var keyEncoding: KeyEncoding = .useDefaultKeys
    /// How names in the JSON are matched with properties.
    public var keyDecoding: KeyDecoding = .useDefaultKeys
    /// How `Date` is written and read.
    public var dates: DateCoding = .deferredToDate
    /// How `Data` is written and read.
    public var data: DataCoding = .base64
    /// What happens to infinities and NaN, which JSON has no numbers for.
    public var nonFiniteFloats: NonFiniteFloats = .refuse
    /// Whether objects are written with their names in the order of their UTF-8 bytes. Costs a second pass.
    public var sortedKeys = false
    /// How many containers may be nested, the outermost counted; kept within 1 and 512. Both ways.
    public var nestingLimit = 128 {
        didSet { nestingLimit = min(max(nestingLimit, 1), 512) }
    }
    /// Handed to types that look into their coder's `userInfo`.
    public var userInfo: [CodingUserInfoKey: any Sendable] {
        get { ownUserInfo ?? [:] }
        set { ownUserInfo = newValue.isEmpty ? nil : newValue }
    }
    /// Nil when empty: a codec is copied for each message.
    private var ownUserInfo: [CodingUserInfoKey: any Sendable]?

    /// Foundation's defaults.
    public init() {}

    // Types that code themselves may only when keys are not converted: their names are fixed at compile time.
    var readsDirectly: Bool { keyDecoding == .useDefaultKeys }
    var writesDirectly: Bool { keyEncoding == .useDefaultKeys }
}
