"""The Communication page: thread and composer, and what an open page is told later."""
