extension JSONCodec {
    /// How property names are written.
    public enum KeyEncoding: Sendable {
        /// As the coding keys spell them.
        case useDefaultKeys
        /// `orderTotal` as `order_total`. Keys of dictionaries stay as they are.
        case convertToSnakeCase
    }

    /// How names in the JSON are matched with properties.
    public enum KeyDecoding: Sendable {
        /// As they stand.
        case useDefaultKeys
        /// `order_total` is read as `orderTotal`. Keys of dictionaries stay as they are.
        case convertFromSnakeCase
    }

    /// How `Date` is written and read.
    public enum DateCoding: Sendable {
        /// Seconds since 2001, `Date`'s own choice.
        case deferredToDate
        /// `"2026-01-31T12:00:00Z"`; fractions of a second are dropped when writing.
        case iso8601
        /// A number of seconds since 1970.
        case secondsSince1970
        /// A number of milliseconds since 1970.
        case millisecondsSince1970
    }

    /// How `Data` is written and read.
    public enum DataCoding: Sendable {
        /// A base64 string.
        case base64
        /// An array of numbers, `Data`'s own choice.
        case deferredToData
    }

    /// What happens to infinities and NaN.
    public indirect enum NonFiniteFloats: Sendable, Equatable {
        /// They are errors.
        case refuse
        /// They are written as these strings, and these strings are read as them.
        case strings(positiveInfinity: String, negativeInfinity: String, nan: String)
    }
}
