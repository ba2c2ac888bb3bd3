// A controller's file imports one module and can name everything it needs.
@_exported public import Logging
@_exported public import NestCore
@_exported public import NestJSON
