import HTTPTypes
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`. Made once a second.
enum HTTPDate {
    private struct Cached {
        var second: Int
        var field: HTTPField
    }

    private static let cached = Mutex(Cached(second: .min, field: HTTPField(name: .date, value: "")))

    static var now: String { field.value }

    /// The header field.
    static var field: HTTPField {
        let second = time(nil)
        return cached.withLock { cached in
            if cached.second != second { cached = Cached(second: second, field: made(at: second)) }
            return cached.field
        }
    }

    private static func made(at second: Int) -> HTTPField { HTTPField(name: .date, value: text(at: second)) }

    static func text(at second: Int) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(date) \(parts.tm_year + 1_900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
