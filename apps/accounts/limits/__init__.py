"""How much of the API a caller may take, and how much he took.

`admit` is asked before each call, `settle` told of its answer. One Lua script decides burst, hourly rate and monthly
quota together and counts the call: nothing is read first and written later, so no number of callers at once gets past
a limit. Callers with large limits lease blocks of it, which a process counts by itself (`leases`). While Redis is away,
each process bounds what goes through it (`local`), and what it counted is added when Redis is back.
"""

from apps.accounts.limits.admission import Admission, admit, charge_failure, settle

__all__ = ["Admission", "admit", "charge_failure", "settle"]
