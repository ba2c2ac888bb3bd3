/// Where a group begins that is new to the events. A group that exists goes on where it is.
public enum RedisStart: Sendable, Hashable {
    /// With what comes from now on.
    case now
    /// With the oldest event that is still kept.
    case beginning
    /// After the entry of this id, such as `1700000000000-0`.
    case after(id: String)
    /// With the first event of this time, in milliseconds since 1970.
    case time(millisecondsSince1970: Int64)
}
