import { useI18n } from 'vue-i18n'

/** How a customer is called: by name, as a visitor who has said none, or as erased, when nobody can read it any more. */
export function useCustomerName(): (customer: { name: string | null; erased?: boolean }) => string {
  const { t } = useI18n()
  return (customer) => customer.name || t(customer.erased ? 'customers.erased' : 'conversations.anonymous')
}
