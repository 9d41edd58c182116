/** Languages that the widget speaks (its catalogues), and so a customer can be served in. */
export const SERVED_LANGUAGES = ['en', 'zh-Hans', 'zh-Hant', 'ja', 'ko', 'vi', 'th', 'id', 'es', 'pt', 'fr', 'de', 'ru', 'tr', 'ar']
